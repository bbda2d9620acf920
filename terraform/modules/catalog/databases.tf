resource "aws_glue_catalog_database" "warehouse" {
  name         = var.database
  description  = "${var.site.name}: published tables. Their jobs make and change them; nobody else writes here."
  location_uri = "s3://${var.buckets.warehouse}/data-warehouse"
}

resource "aws_glue_catalog_database" "staging" {
  name         = var.staging_database
  description  = "${var.site.name}: raw files as crawlers see them; unaudited."
  location_uri = "s3://${var.buckets.staging}/staging"
}

locals {
  _parquet = { for dataset, c in var.contracts : dataset => c if c.table_format == "parquet" }

  # Spark and Hive name types alike, except for these. Masked columns and times of day are published as text, narrow
  # integers as int.
  _hive = { for dataset, c in local._parquet : dataset => [
    for column in concat(c.columns, c.is_mart ? [] : [
      { name = "_object", type = "string", classified = false },
      { name = "_arrival", type = "timestamp", classified = false },
      { name = "_run", type = "string", classified = false },
      ]) : {
      name = column.name
      type = column.classified ? "string" : lookup({
        tinyint = "int", smallint = "int", integer = "int", long = "bigint", timestamp_ntz = "timestamp", time = "string"
      }, lower(trimspace(column.type)), replace(lower(column.type), " ", ""))
    }
  ] }
}

# Terraform creates a plain Parquet table before the first run, so that Athena knows its columns. From then on the job changes it, and
# Terraform ignores those changes. Only the jobs create Iceberg tables.
resource "aws_glue_catalog_table" "parquet" {
  for_each = local._parquet

  name          = "${var.prefix}${each.key}"
  database_name = aws_glue_catalog_database.warehouse.name
  description   = each.value.description
  owner         = each.value.owner
  table_type    = "EXTERNAL_TABLE"
  parameters    = { classification = "parquet", EXTERNAL = "TRUE" }

  dynamic "partition_keys" {
    for_each = each.value.partition_by

    content {
      name = partition_keys.value
      type = one([for column in local._hive[each.key] : column.type if column.name == partition_keys.value])
    }
  }

  storage_descriptor {
    location      = "s3://${var.buckets.warehouse}/data-warehouse/${each.key}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    dynamic "columns" {
      for_each = [for column in local._hive[each.key] : column if !contains(each.value.partition_by, column.name)]

      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }

  lifecycle {
    ignore_changes = [storage_descriptor, parameters, partition_keys, owner]
  }
}
