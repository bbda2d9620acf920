output "database" {
  description = "The database of the published tables."
  value       = aws_glue_catalog_database.warehouse.name
}

output "staging_database" {
  description = "The database of the crawled raw tables."
  value       = aws_glue_catalog_database.staging.name
}

output "crawlers" {
  description = "For each Parquet dataset with a crawler, the crawler and its period in hours."
  value = { for dataset, c in local._crawled : dataset => {
    name  = "${var.site.name}-parquet-${c.crawler}"
    hours = c.crawler == "daily" ? 24 : 168
  } if c.table_format == "parquet" }
}
