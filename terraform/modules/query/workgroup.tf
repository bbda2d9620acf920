# Two workgroups with the same scan limit, key and location of results. People query in the lake's workgroup, which enforces
# its settings. The SQL ETL has its own: if a workgroup enforces the location of results, Athena refuses a CTAS that names the
# location of its table.
locals {
  _workgroups = {
    lake = { name = var.site.name, text = "Queries of the lake ${var.site.name}.", enforced = true }
    etl  = { name = "${var.site.name}-etl", text = "The SQL ETL of the lake ${var.site.name}.", enforced = false }
  }
}

resource "aws_athena_workgroup" "of" {
  for_each = local._workgroups

  name          = each.value.name
  description   = each.value.text
  force_destroy = true # its history, not its data

  configuration {
    bytes_scanned_cutoff_per_query     = var.scan_limit_gb * 1024 * 1024 * 1024
    enforce_workgroup_configuration    = each.value.enforced
    publish_cloudwatch_metrics_enabled = true
    requester_pays_enabled             = false

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location       = "s3://${var.buckets.athena_results}/"
      expected_bucket_owner = var.site.account_id

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = var.kms_key_arn
      }
    }
  }
}

locals {
  _analysis = { for f in fileset(var.sql_dir, "analysis/*.sql") : trimsuffix(basename(f), ".sql") => file("${var.sql_dir}/${f}") }

  # SQL in this repository names datasets; Athena needs <database>.<prefix><dataset>. This qualifies each name after FROM or
  # JOIN, with or without the prefix.
  _names     = length(var.datasets) > 0 ? join("|", sort(var.datasets)) : "-"
  _reference = "/(?i)\\b(from|join)(\\s+)(?:[a-z0-9_]+\\.)?(?:${var.prefix})?(${local._names})\\b/"
  _qualified = {
    for name, sql in local._analysis : name => replace(sql, local._reference, "$${1}$${2}${var.database}.${var.prefix}$${3}")
  }
}

resource "aws_athena_named_query" "analysis" {
  for_each = local._qualified

  name        = each.key
  description = substr(try(regex("^(?:--|/\\*)\\s*([^\n]*?)\\s*(?:\\*/)?\n", each.value)[0], each.key), 0, 1024)
  workgroup   = aws_athena_workgroup.of["lake"].name
  database    = var.database
  query       = each.value
}
