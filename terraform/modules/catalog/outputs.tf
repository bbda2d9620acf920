output "database" {
  description = "The database of the published tables."
  value       = aws_glue_catalog_database.warehouse.name
}

output "staging_database" {
  description = "The database of the crawled raw tables."
  value       = aws_glue_catalog_database.staging.name
}

output "crawler" {
  description = "The crawlers' role, once it has its policy, and their security configuration."
  value = {
    role_arn               = local._role_arn
    security_configuration = aws_glue_security_configuration.crawlers.name
  }

  depends_on = [aws_iam_role_policy.crawler]
}
