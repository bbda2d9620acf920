# What jobs run is a release, never the checkout: wheel, scripts, contracts, SQL and wheelhouse under one prefix.
# release.json says the version, `contracts_sha256`, computed as the output `contracts_sha256` of this folder is, and
# `sql_sha256`, the same of the files *.sql.

locals {
  _release     = "releases/${var.release}"
  _release_uri = "s3://${local.artifacts_bucket}/${local._release}"
  _wheel       = "headgate-${var.release}-py3-none-any.whl"
  # Glue takes a zip of wheels by this ending only.
  _wheelhouse = "wheelhouse.gluewheels.zip"

  _release_needs   = concat(["release.json", local._wheel, local._wheelhouse], [for step in distinct(concat([for c in local.contracts : c.step], ["maintain"])) : "glue_jobs/${step}.py"])
  _release_lacks   = [for part in local._release_needs : part if !contains(data.aws_s3_objects.release.keys, "${local._release}/${part}")]
  _release_present = contains(data.aws_s3_objects.release.keys, "${local._release}/release.json")
  _release_says    = try(jsondecode(data.aws_s3_object.release[0].body), jsondecode("{}")) # AWS gives no body that is not marked as JSON or text

  # The SQL as a line, as modules/contracts makes one of the contracts: a mart runs the released query, and its role may
  # read what the planned one names.
  _sql_hash     = sha256(join("", [for f in sort(fileset(var.sql_dir, "**/*.sql")) : "${filesha256("${var.sql_dir}/${f}")}  ${f}\n"]))
  _released_sql = try(local._release_says.sql_sha256, local._sql_hash) # a release made without that line is taken as it is
}

data "aws_s3_objects" "release" {
  bucket   = local.artifacts_bucket
  prefix   = "${local._release}/"
  max_keys = 10000
}

data "aws_s3_object" "release" {
  count = local._release_present ? 1 : 0

  bucket = local.artifacts_bucket
  key    = "${local._release}/release.json"
}

resource "terraform_data" "release" {
  input = var.release

  lifecycle {
    precondition {
      condition     = length(local._release_lacks) == 0
      error_message = "Release ${var.release} is not complete: ${local._release_uri} lacks ${join(", ", local._release_lacks)}. Make it with `make release VERSION=${var.release}`, or correct `release`."
    }
    precondition {
      condition     = !local._release_present || try(local._release_says.contracts_sha256, "") == module.contracts.hash
      error_message = "The contracts in ${var.contracts_dir} (${module.contracts.hash}) are not those of release ${var.release} (${try(local._release_says.contracts_sha256, "none")}). Release them with `make release VERSION=…`, or check out what was released."
    }
    precondition {
      condition     = local._released_sql == local._sql_hash
      error_message = "The SQL in ${var.sql_dir} (${local._sql_hash}) is not that of release ${var.release} (${local._released_sql}). Release it with `make release VERSION=…`, or check out what was released."
    }
  }
}
