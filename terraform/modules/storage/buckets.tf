# The buckets of raw files, published tables, the SQL ETL's tables, query results and reports. The artifacts bucket outlives a
# lake and serves several: terraform/bootstrap creates it with the same module `bucket`.

locals {
  _datasets = { for dataset, c in var.contracts : dataset => c if !c.is_mart }

  # No rule covers data-warehouse/ or ledger/: a table's objects must live as long as its snapshots name them. Where rules overlap,
  # S3 takes the shorter period. So one rule has the longest period of all datasets, and only shorter ones need a rule each.
  _longest = max(1, values(local._datasets)[*].quarantine_days...)
  _quarantine = merge({ quarantine = { prefix = "quarantine/", expire_days = local._longest } }, {
    for dataset, c in local._datasets : "quarantine-${dataset}" => { prefix = "quarantine/${dataset}/", expire_days = c.quarantine_days }
    if c.quarantine_days < local._longest
  })

  _rules = {
    staging = {
      archive   = { prefix = "staging/", archive_days = var.staging_archive_days }
      documents = { prefix = "incoming/", archive_days = var.staging_archive_days }
    }
    warehouse = merge(local._quarantine, {
      work = { prefix = "_work/", expire_days = 7 }
      temp = { prefix = "_temp/", expire_days = 7 }
      # Not `exports/newest/`: its records count the exports, and a warehouse remembers how far it has counted.
      exports = { prefix = "exports/redshift/", expire_days = var.exports_days }
    })
    athena_etl     = {}
    athena_results = { results = { prefix = "", expire_days = var.results_days } }
    reports = {
      runs     = { prefix = "runs/", expire_days = max(1, values(var.contracts)[*].runs_days...) }
      counts   = { prefix = "counts/", expire_days = max(1, values(var.contracts)[*].runs_days...) }
      spark-ui = { prefix = "spark-ui/", expire_days = 30 }
    }
  }

  # Datasets may share a folder; a path that names a single file has none.
  _folders = distinct([for c in local._datasets : join("", regexall("^.*/", c.prefix)) if strcontains(c.prefix, "/")])
}

module "bucket" {
  source   = "./bucket"
  for_each = { for role, bucket in var.buckets : role => bucket if !contains(var.own_buckets, role) }

  bucket      = each.value
  kms_key_arn = local._key
  protected   = var.protected
  break_glass = var.break_glass
  events      = each.key == "staging"
  markers     = each.key == "staging" ? ["staging/*/"] : []
  partition   = var.site.partition
  rules       = local._rules[each.key]

  # So that `destroy` deletes the key last: whoever could not delete a bucket keeps the key to its data.
  depends_on = [aws_kms_key.lake]
}

# A bucket of your own must exist, and is left as it is: docs/SETUP_GUIDE.md says what the lake needs of it.
data "aws_s3_bucket" "own" {
  for_each = { for role in var.own_buckets : role => var.buckets[role] }

  bucket = each.value
}

# Folders show people where to put files. A folder is an object without bytes: no run reads it, and its event starts nothing.
locals {
  _buckets = merge(
    { for role, bucket in module.bucket : role => bucket.bucket },
    { for role, own in data.aws_s3_bucket.own : role => own.bucket },
  )
  _staging = local._buckets["staging"] # evaluated once instead of for every instance
}

resource "aws_s3_object" "folder" {
  for_each = { for folder in local._folders : folder => folder } # Terraform would sort a set again for every instance

  bucket  = local._staging
  key     = "staging/${each.value}"
  content = ""

  # S3 allows 10 tags on an object, and a lake may have more on its other resources.
  override_provider {
    default_tags {
      tags = {}
    }
  }
}

resource "terraform_data" "rules" {
  input = length(local._rules.warehouse)

  lifecycle {
    precondition {
      condition = length(local._rules.warehouse) <= 998
      error_message = join(" ", [
        "${length(local._datasets)} datasets need ${length(local._rules.warehouse) + 2}",
        "lifecycle rules in `${var.buckets.warehouse}`; S3 allows 1,000. Datasets with the longest `quarantine_days` of all need none.",
      ])
    }
  }
}
