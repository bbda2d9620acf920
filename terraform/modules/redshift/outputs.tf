output "warehouse" {
  description = "Where the tables are (`--workgroup` or `--cluster`, `--database`), the administrator's secret if any, COPY's role."
  value = {
    workgroup    = local._created ? one(aws_redshiftserverless_workgroup.lake[*].workgroup_name) : var.redshift.workgroup
    cluster      = var.redshift.cluster
    database     = var.redshift.database
    admin_secret = one(aws_redshiftserverless_namespace.lake[*].admin_password_secret_arn)
    copy_role    = local._role_arns.copy
    loader       = local._role_arns.loader
    owner        = local._role_arns.owner
  }

  depends_on = [aws_iam_role_policy.copy, aws_iam_role_policy.person]
}

output "is_created" {
  description = "True: this module made namespace and workgroup."
  value       = local._created
}
