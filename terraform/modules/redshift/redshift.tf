# Redshift for the warehouse tables: a serverless namespace and workgroup of the lake's name, unless `redshift` names your own workgroup
# or cluster. A workgroup at rest costs nothing but its storage; the limit on RPU hours turns queries off for the rest of the day.

locals {
  _created = var.redshift.workgroup == "" && var.redshift.cluster == ""
  _place = {
    for place, named in {
      subnet_ids         = var.redshift.subnet_ids
      security_group_ids = var.redshift.security_group_ids
    } : place => length(named) > 0 ? named : try(var.network[place], null)
  }
  _subnets_needed = var.redshift.enhanced_vpc_routing ? 3 : 2

  # By this tag policies name the workgroup, whose ARN is not known before it exists (modules/policies).
  _tags = { Lake = var.site.name }
}

resource "aws_redshiftserverless_namespace" "lake" {
  count = local._created ? 1 : 0

  namespace_name = var.site.name
  db_name        = var.redshift.database
  kms_key_id     = var.kms_key_arn
  tags           = local._tags

  # Redshift makes the password, keeps it in Secrets Manager and rotates it; no role of the lake reads it.
  admin_username                   = "admin"
  manage_admin_password            = true
  admin_password_secret_kms_key_id = var.kms_key_arn

  # COPY reads with it where a statement says `IAM_ROLE default`.
  default_iam_role_arn = local._role_arns.copy
  iam_roles            = [local._role_arns.copy]

  # Who signed in, which users were changed, and every statement. A new workgroup records statements and asks for TLS by its default
  # parameters; they are not repeated here, because the provider plans a change for each parameter that AWS adds to the list.
  log_exports = ["connectionlog", "useractivitylog", "userlog"]

  depends_on = [aws_iam_role_policy.copy]
}

resource "aws_redshiftserverless_workgroup" "lake" {
  count = local._created ? 1 : 0

  namespace_name       = aws_redshiftserverless_namespace.lake[0].namespace_name
  workgroup_name       = var.site.name
  base_capacity        = var.redshift.base_rpu
  max_capacity         = var.redshift.max_rpu
  publicly_accessible  = false
  enhanced_vpc_routing = var.redshift.enhanced_vpc_routing
  subnet_ids           = local._place.subnet_ids
  security_group_ids   = local._place.security_group_ids
  tags                 = local._tags

  lifecycle {
    precondition {
      condition = local._place.subnet_ids == null || try(length(local._place.subnet_ids) >= local._subnets_needed, true)
      error_message = join(" ", [
        "network.subnet_ids has ${try(length(local._place.subnet_ids), 0)}: Redshift Serverless needs two subnets in two zones,",
        "three in three with enhanced_vpc_routing. Name some in redshift.subnet_ids.",
      ])
    }
  }
}

resource "aws_redshiftserverless_usage_limit" "lake" {
  count = local._created ? 1 : 0

  resource_arn  = aws_redshiftserverless_workgroup.lake[0].arn
  usage_type    = "serverless-compute"
  period        = "daily"
  amount        = var.redshift.rpu_hours_a_day
  breach_action = "deactivate"
}
