# The buckets of raw files, published tables, the SQL ETL's tables, query results and reports. The artifacts bucket outlives a
# lake and serves several: terraform/bootstrap creates it with the same module `bucket`.

locals {
  _datasets = { for dataset, c in var.contracts : dataset => c if !c.is_mart }

  # No rule covers data-warehouse/ or ledger/: a table's objects must live as long as its snapshots name them.
  _quarantine = {
    for dataset, c in local._datasets : "quarantine-${dataset}" => { prefix = "quarantine/${dataset}/", expire_days = c.quarantine_days }
  }

  _rules = {
    staging = { archive = { prefix = "staging/", archive_days = var.staging_archive_days } }
    warehouse = merge(local._quarantine, {
      work = { prefix = "_work/", expire_days = 7 }
      temp = { prefix = "_temp/", expire_days = 7 }
    })
    athena_etl     = {}
    athena_results = { results = { prefix = "", expire_days = var.results_days } }
    reports = {
      runs     = { prefix = "runs/", expire_days = max(1, values(var.contracts)[*].runs_days...) }
      spark-ui = { prefix = "spark-ui/", expire_days = 30 }
    }
  }

  # Datasets may share a folder; a path that names a single file has none.
  _folders = distinct([for c in local._datasets : join("", regexall("^.*/", c.prefix)) if strcontains(c.prefix, "/")])
}

module "bucket" {
  source   = "./bucket"
  for_each = var.buckets

  bucket      = each.value
  kms_key_arn = aws_kms_key.lake.arn
  protected   = var.protected
  events      = each.key == "staging"
  markers     = each.key == "staging" ? ["staging/*/"] : []
  partition   = var.site.partition
  rules       = local._rules[each.key]
}

# Folders show people where to put files. A folder is an object without bytes: no run reads it, and its event starts nothing.
locals {
  _staging = module.bucket["staging"].bucket # evaluated once instead of for every instance
}

resource "aws_s3_object" "folder" {
  for_each = { for folder in local._folders : folder => folder } # Terraform would sort a set again for every instance

  bucket  = local._staging
  key     = "staging/${each.value}"
  content = ""
}

resource "terraform_data" "rules" {
  input = length(local._rules.warehouse)

  lifecycle {
    precondition {
      condition = length(local._rules.warehouse) <= 998
      error_message = join(" ", [
        "${length(local._datasets)} datasets need ${length(local._rules.warehouse) + 2}",
        "lifecycle rules in `${var.buckets.warehouse}`; S3 allows 1,000.",
      ])
    }
  }
}
