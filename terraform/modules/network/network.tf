# A way for jobs and the function into your subnets, and none out to the internet: their security group reaches the endpoints
# of AWS's services, S3's addresses and itself, nothing else. Glue's workers speak to each other, so the group lets itself in.

locals {
  # What jobs and the function call; the library comes with the release, so nothing is fetched from a package index.
  _services = ["glue", "kms", "logs", "monitoring", "secretsmanager", "sqs", "sts"]

  # Only for callers of this account, also where a service would allow others more.
  _only_this_account = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyThisAccount"
      Effect    = "Allow"
      Principal = "*"
      Action    = "*"
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalAccount" = var.site.account_id } }
    }]
  })

  _endpoints   = var.network.create_endpoints ? toset(local._services) : toset([])
  _subnets     = toset(var.network.subnet_ids)
  _group_ids   = concat([aws_security_group.work.id], var.network.security_group_ids)
  _connections = { for subnet in var.network.subnet_ids : subnet => "${var.site.name}-${subnet}" }
}

data "aws_subnet" "each" {
  for_each = local._subnets

  id = each.key
}

data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.${var.site.region}.s3"
}

resource "aws_security_group" "work" {
  name        = "${var.site.name}-work"
  description = "Jobs and function of ${var.site.name}: to AWS's endpoints and each other only."
  vpc_id      = var.network.vpc_id
}

resource "aws_security_group" "endpoints" {
  name        = "${var.site.name}-endpoints"
  description = "Endpoints of AWS's services, for jobs and function of ${var.site.name}."
  vpc_id      = var.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "each_other" {
  security_group_id            = aws_security_group.work.id
  referenced_security_group_id = aws_security_group.work.id
  description                  = "Workers of a job speak to each other."
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "each_other" {
  security_group_id            = aws_security_group.work.id
  referenced_security_group_id = aws_security_group.work.id
  description                  = "Workers of a job speak to each other."
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id            = aws_security_group.work.id
  referenced_security_group_id = aws_security_group.endpoints.id
  description                  = "AWS's services."
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  security_group_id = aws_security_group.work.id
  prefix_list_id    = data.aws_ec2_managed_prefix_list.s3.id
  description       = "S3, through its gateway."
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id            = aws_security_group.endpoints.id
  referenced_security_group_id = aws_security_group.work.id
  description                  = "Jobs and function."
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_endpoint" "service" {
  for_each = local._endpoints

  vpc_id              = var.network.vpc_id
  service_name        = "com.amazonaws.${var.site.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.network.subnet_ids
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = local._only_this_account
}

resource "aws_vpc_endpoint" "s3" {
  count = var.network.create_endpoints ? 1 : 0

  vpc_id            = var.network.vpc_id
  service_name      = "com.amazonaws.${var.site.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.network.route_table_ids
  policy            = local._only_this_account
}

# Glue tries the connections of a job in turn until a subnet has addresses left.
resource "aws_glue_connection" "subnet" {
  for_each = local._connections

  name            = each.value
  description     = "Jobs of ${var.site.name} run in ${each.key}."
  connection_type = "NETWORK"

  physical_connection_requirements {
    availability_zone      = data.aws_subnet.each[each.key].availability_zone
    subnet_id              = each.key
    security_group_id_list = local._group_ids
  }

  lifecycle {
    precondition {
      condition     = data.aws_subnet.each[each.key].vpc_id == var.network.vpc_id
      error_message = "network: the subnet ${each.key} is in ${data.aws_subnet.each[each.key].vpc_id}, not in ${var.network.vpc_id}."
    }
  }
}
