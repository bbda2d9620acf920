# Three workgroups with the same scan limit and key, and each with a folder of its own for results, because a result may
# contain everything that its query may read:
# - analysts query in the lake's workgroup. Each names a folder below analysts/ that nobody else may read; a workgroup can
#   enforce only one folder for all, so this one has none (docs/adr/0043).
# - engineers, who may read raw and refused rows, query in their own, which enforces its settings.
# - the SQL ETL has its own: if a workgroup enforces the location of results, Athena refuses a CTAS that names the location
#   of its table.
locals {
  _role = "${var.site.roles.prefix}${var.site.name}" # how the names of roles begin
  _workgroups = {
    lake = { name = var.site.name, text = "Queries of analysts of the lake ${var.site.name}.", enforced = false, folder = null }
    engineers = {
      name     = "${var.site.name}-engineers", text = "Queries of engineers of the lake ${var.site.name}."
      enforced = true, folder = "engineers/"
    }
    etl = { name = "${var.site.name}-etl", text = "The SQL ETL of the lake ${var.site.name}.", enforced = false, folder = "etl/" }
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
      output_location       = each.value.folder == null ? null : "s3://${var.buckets.athena_results}/${each.value.folder}"
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
