mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  network = {
    vpc_id           = "vpc-0123456789abcdef0"
    subnet_ids       = ["subnet-a", "subnet-b"]
    create_endpoints = true
    route_table_ids  = ["rtb-1"]
  }
}

run "there_is_no_way_out_to_the_internet" {
  command = apply

  assert {
    condition = alltrue([for rule in [
      aws_vpc_security_group_egress_rule.each_other, aws_vpc_security_group_egress_rule.endpoints, aws_vpc_security_group_egress_rule.s3,
    ] : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null])
    error_message = "A rule lets traffic out to addresses."
  }
  assert {
    condition     = toset(keys(aws_vpc_endpoint.service)) == toset(["glue", "kms", "logs", "monitoring", "secretsmanager", "sqs", "sts"])
    error_message = "Endpoints for ${jsonencode(keys(aws_vpc_endpoint.service))}."
  }
  assert {
    condition = alltrue([for endpoint in concat(values(aws_vpc_endpoint.service), aws_vpc_endpoint.s3) :
    strcontains(endpoint.policy, "\"aws:PrincipalAccount\":\"123456789012\"")])
    error_message = "An endpoint serves other accounts too."
  }
  assert {
    condition     = toset(output.connections) == toset(["test-subnet-a", "test-subnet-b"])
    error_message = "Connections ${jsonencode(output.connections)}."
  }
}

run "endpoints_of_your_own_are_not_created_again" {
  command = plan

  variables {
    network = { vpc_id = "vpc-0123456789abcdef0", subnet_ids = ["subnet-a"] }
  }

  assert {
    condition     = length(aws_vpc_endpoint.service) == 0 && length(aws_vpc_endpoint.s3) == 0 && length(aws_glue_connection.subnet) == 1
    error_message = "Endpoints were planned."
  }
}

run "a_network_without_subnets_is_refused" {
  command         = plan
  expect_failures = [var.network]

  variables {
    network = { vpc_id = "vpc-0123456789abcdef0", subnet_ids = [] }
  }
}
