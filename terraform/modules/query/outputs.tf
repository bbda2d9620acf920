output "workgroup" {
  description = "The workgroup of analysts' queries."
  value       = aws_athena_workgroup.of["lake"].name
}

output "engineers_workgroup" {
  description = "The workgroup of engineers' queries."
  value       = aws_athena_workgroup.of["engineers"].name
}

output "named_queries" {
  description = "The saved queries for analysts, as Athena gets them."
  value       = local._qualified
}

output "etl_database" {
  description = "The database of the SQL ETL's tables and views."
  value       = aws_glue_catalog_database.etl.name
}
