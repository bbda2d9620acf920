mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site = {
    name  = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012"
    roles = { boundary = "arn:aws:iam::123456789012:policy/test-boundary" }
  }
  redshift         = {}
  warehouse_bucket = "test-warehouse"
  kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
}

run "a_private_encrypted_workgroup_with_a_limit" {
  command = apply

  assert {
    condition = alltrue([
      aws_redshiftserverless_namespace.lake[0].kms_key_id == var.kms_key_arn,
      aws_redshiftserverless_namespace.lake[0].manage_admin_password,
      aws_redshiftserverless_namespace.lake[0].admin_password_secret_kms_key_id == var.kms_key_arn,
      aws_redshiftserverless_namespace.lake[0].default_iam_role_arn == "arn:aws:iam::123456789012:role/test-warehouse-copy",
      length(aws_redshiftserverless_namespace.lake[0].log_exports) == 3,
    ])
    error_message = "The namespace is ${jsonencode(aws_redshiftserverless_namespace.lake[0])}."
  }
  assert {
    condition = alltrue([
      aws_redshiftserverless_workgroup.lake[0].publicly_accessible == false,
      aws_redshiftserverless_workgroup.lake[0].max_capacity == 16,
      aws_redshiftserverless_workgroup.lake[0].tags.Lake == "test",
    ])
    error_message = "The workgroup is ${jsonencode(aws_redshiftserverless_workgroup.lake[0])}."
  }
  assert {
    condition = alltrue([
      aws_redshiftserverless_usage_limit.lake[0].amount == 8, aws_redshiftserverless_usage_limit.lake[0].period == "daily",
      aws_redshiftserverless_usage_limit.lake[0].breach_action == "deactivate",
    ])
    error_message = "The limit is ${jsonencode(aws_redshiftserverless_usage_limit.lake[0])}."
  }
  assert {
    condition     = output.warehouse.workgroup == "test" && output.warehouse.cluster == "" && output.is_created
    error_message = "The warehouse is ${jsonencode(output.warehouse)}."
  }
}

run "every_role_has_the_boundary" {
  command = plan

  assert {
    condition = toset([
      for role in concat([aws_iam_role.copy], values(aws_iam_role.person)) : role.permissions_boundary
    ]) == toset([var.site.roles.boundary])
    error_message = "A role lacks ${var.site.roles.boundary}."
  }
}

run "copy_reads_exports_and_nothing_else" {
  command = plan

  assert {
    condition = toset(flatten(jsondecode(aws_iam_role_policy.copy.policy).Statement[*].Resource)) == toset([
      "arn:aws:s3:::test-warehouse", "arn:aws:s3:::test-warehouse/exports/redshift/*", var.kms_key_arn,
    ])
    error_message = aws_iam_role_policy.copy.policy
  }
  assert {
    condition = toset(flatten(jsondecode(aws_iam_role_policy.copy.policy).Statement[*].Action)) == toset([
      "kms:Decrypt", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket",
    ])
    error_message = aws_iam_role_policy.copy.policy
  }
}

run "subnets_of_the_network_are_its_place" {
  command = plan

  variables {
    network = { subnet_ids = ["subnet-a", "subnet-b"], security_group_ids = ["sg-work"] }
  }

  assert {
    condition = (
      aws_redshiftserverless_workgroup.lake[0].subnet_ids == toset(["subnet-a", "subnet-b"]) &&
      aws_redshiftserverless_workgroup.lake[0].security_group_ids == toset(["sg-work"])
    )
    error_message = "Place: ${jsonencode(local._place)}."
  }
}

run "subnets_of_its_own_come_first" {
  command = plan

  variables {
    network  = { subnet_ids = ["subnet-a"], security_group_ids = ["sg-work"] }
    redshift = { subnet_ids = ["subnet-x", "subnet-y"], security_group_ids = ["sg-bi"] }
  }

  assert {
    condition     = jsonencode(local._place) == jsonencode({ subnet_ids = ["subnet-x", "subnet-y"], security_group_ids = ["sg-bi"] })
    error_message = "Place: ${jsonencode(local._place)}."
  }
}

run "a_workgroup_of_your_own_is_left_as_it_is" {
  command = plan

  variables {
    redshift      = { workgroup = "bi" }
    workgroup_arn = "arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/4444"
  }

  assert {
    condition = (
      length(aws_redshiftserverless_namespace.lake) + length(aws_redshiftserverless_workgroup.lake) +
      length(aws_redshiftserverless_usage_limit.lake) == 0 && output.warehouse.workgroup == "bi" && !output.is_created
    )
    error_message = "A workgroup was planned: ${jsonencode(output.warehouse)}."
  }
  assert {
    condition = (
      jsondecode(aws_iam_role_policy.person["owner"].policy).Statement[0].Resource == [var.workgroup_arn] &&
      !can(jsondecode(aws_iam_role_policy.person["owner"].policy).Statement[0].Condition)
    )
    error_message = aws_iam_role_policy.person["owner"].policy
  }
}

run "a_cluster_of_your_own_is_left_as_it_is" {
  command = plan

  variables {
    redshift = { cluster = "bi", database = "sales" }
  }

  assert {
    condition = alltrue([
      length(aws_redshiftserverless_namespace.lake) == 0, output.warehouse.cluster == "bi", output.warehouse.workgroup == "",
    ])
    error_message = "A workgroup was planned: ${jsonencode(output.warehouse)}."
  }
  assert {
    condition = toset(flatten(jsondecode(aws_iam_role_policy.person["owner"].policy).Statement[*].Resource)) == toset([
      "*", "arn:aws:redshift:eu-west-1:123456789012:cluster:bi", "arn:aws:redshift:eu-west-1:123456789012:dbname:bi/sales",
    ])
    error_message = aws_iam_role_policy.person["owner"].policy
  }
}

run "a_workgroup_and_a_cluster_are_refused" {
  command         = plan
  expect_failures = [var.redshift]

  variables {
    redshift = { workgroup = "bi", cluster = "bi" }
  }
}

run "use_without_a_limit_is_refused" {
  command         = plan
  expect_failures = [var.redshift]

  variables {
    redshift = { rpu_hours_a_day = 0 }
  }
}

run "a_capacity_that_redshift_does_not_have_is_refused" {
  command         = plan
  expect_failures = [var.redshift]

  variables {
    redshift = { base_rpu = 12 }
  }
}

run "one_subnet_of_its_own_is_refused" {
  command         = plan
  expect_failures = [var.redshift]

  variables {
    redshift = { subnet_ids = ["subnet-a"] }
  }
}

run "one_subnet_of_the_network_is_refused" {
  command         = plan
  expect_failures = [aws_redshiftserverless_workgroup.lake]

  variables {
    network = { subnet_ids = ["subnet-a"], security_group_ids = ["sg-work"] }
  }
}
