# Jobs run a release, never the checkout: wheel, scripts, contracts, SQL and wheelhouse under one prefix. release.json has
# the version; `contracts_sha256`, computed like this folder's output of that name; and `sql_sha256`, the same for *.sql.

locals {
  _release     = "releases/${var.release}"
  _release_uri = "s3://${local.artifacts_bucket}/${local._release}"
  _wheel       = "headgate-${var.release}-py3-none-any.whl"
  # Glue recognises a zip of wheels only by this file ending.
  _wheelhouse = "wheelhouse.gluewheels.zip"

  # The wheels in the zip are for one Python.
  _zip_runtime = "python${try(local._released.lambda_python, "3.13")}"
  _runtime     = coalesce(var.event_function.runtime, local._zip_runtime)
  _zips        = length(local._events) > 0 ? ["lambdas/flatten_json-${var.event_function.architecture}.zip"] : []
  _scripts     = distinct(concat([for c in local.contracts : c.step], ["maintain"]))
  _release_needs = concat(
    ["release.json", local._wheel, local._wheelhouse], [for step in local._scripts : "glue_jobs/${step}.py"], local._zips
  )
  _release_lacks = [
    for part in local._release_needs : part if !contains(data.aws_s3_objects.release.keys, "${local._release}/${part}")
  ]
  _release_present = contains(data.aws_s3_objects.release.keys, "${local._release}/release.json")

  # The provider reads a body only if the object's type is JSON or text.
  _released           = try(jsondecode(data.aws_s3_object.release[0].body), jsondecode("{}"))
  _released_contracts = try(local._released.contracts_sha256, "none")

  # One hash of all SQL, as modules/contracts computes one of the contracts. It must match because a mart runs the released
  # query, and its role may read what the planned query names. A release without this hash is accepted.
  _sql_hash     = sha256(join("", [for f in sort(fileset(var.sql_dir, "**/*.sql")) : "${filesha256("${var.sql_dir}/${f}")}  ${f}\n"]))
  _released_sql = try(local._released.sql_sha256, local._sql_hash)
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
      condition = length(local._release_lacks) == 0
      error_message = join(" ", [
        "Release ${var.release} is not complete: ${local._release_uri} lacks ${join(", ", local._release_lacks)}.",
        "Make it with `make release VERSION=${var.release}`, or correct `release`.",
      ])
    }
    precondition {
      condition = !local._release_present || local._released_contracts == module.contracts.hash
      error_message = join(" ", [
        "The contracts in ${var.contracts_dir} (${module.contracts.hash}) are not those of release ${var.release}",
        "(${local._released_contracts}). Release them with `make release VERSION=…`, or check out what was released.",
      ])
    }
    precondition {
      condition = local._runtime == local._zip_runtime
      error_message = join(" ", [
        "event_function.runtime is ${local._runtime}, and the function's zip of release ${var.release} is for ${local._zip_runtime}.",
        "Leave `runtime` out, or release again with `--lambda-python`.",
      ])
    }
    precondition {
      condition = local._released_sql == local._sql_hash
      error_message = join(" ", [
        "The SQL in ${var.sql_dir} (${local._sql_hash}) is not that of release ${var.release} (${local._released_sql}).",
        "Release it with `make release VERSION=…`, or check out what was released.",
      ])
    }
  }
}
