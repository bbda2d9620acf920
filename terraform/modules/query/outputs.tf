output "workgroup" {
  description = "The workgroup that every query of the lake uses."
  value       = aws_athena_workgroup.lake.name
}

output "named_queries" {
  description = "The queries that analysts find saved, as Athena gets them."
  value       = local._qualified
}

output "etl_database" {
  description = "The database of what the SQL ETL makes."
  value       = aws_glue_catalog_database.etl.name
}
