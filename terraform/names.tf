# Every name in one place, with the length that AWS allows.

locals {
  site = {
    name       = var.name
    partition  = data.aws_partition.current.partition
    region     = var.region
    account_id = data.aws_caller_identity.current.account_id
  }

  _at = "${local.site.account_id}-${var.region}"
  buckets = {
    staging        = "${var.name}-staging-${local._at}"
    warehouse      = "${var.name}-warehouse-${local._at}"
    athena_etl     = "${var.name}-athena-etl-${local._at}"
    athena_results = "${var.name}-athena-results-${local._at}"
    reports        = "${var.name}-reports-${local._at}"
  }
  artifacts_bucket = coalesce(var.artifacts_bucket, "headgate-artifacts-${local._at}")

  _lengths = flatten([
    [for bucket in values(local.buckets) : { what = "bucket", value = bucket, at_most = 63, of = "name" }],
    [for dataset, c in local.contracts : [
      { what = "role", value = "${var.name}-job-${dataset}", at_most = 64, of = c.file },
      { what = "rule", value = "${var.name}-arrival-${dataset}", at_most = 64, of = c.file },
    ]],
  ])

  _too_long = [
    for n in local._lengths : join(" ", [
      "${n.of}: the ${n.what} `${n.value}` has ${length(n.value)} characters, AWS allows ${n.at_most}.",
      "Shorten name `${var.name}`${n.of == "name" ? "" : " or the dataset"}.",
    ]) if length(n.value) > n.at_most
  ]

  _unmasked = [
    for dataset, c in local.contracts :
    "${c.file}: has classified columns, and masking_secret is empty. Name the secret with the keys (docs/SETUP_GUIDE.md)."
    if c.masked && var.masking_secret == ""
  ]
}

resource "terraform_data" "guard" {
  input = local.site

  lifecycle {
    precondition {
      condition = length(var.allowed_account_ids) == 0 || contains(var.allowed_account_ids, local.site.account_id)
      error_message = join(" ", [
        "These credentials are for account ${local.site.account_id}; environment `${var.environment}`",
        "is only allowed in ${join(", ", var.allowed_account_ids)} (allowed_account_ids).",
      ])
    }
    precondition {
      condition = contains(var.allowed_regions, var.region)
      error_message = join(" ", [
        "Region `${var.region}` is not among ${jsonencode(var.allowed_regions)}",
        "(allowed_regions) of environment `${var.environment}`.",
      ])
    }
    precondition {
      condition     = length(local._too_long) == 0
      error_message = join("\n", local._too_long)
    }
    precondition {
      condition     = length(local._unmasked) == 0
      error_message = join("\n", local._unmasked)
    }
  }
}
