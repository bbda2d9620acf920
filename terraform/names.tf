# Every name in one place, with the length that AWS allows.

locals {
  _site = {
    name       = var.name
    partition  = data.aws_partition.current.partition
    region     = var.region
    account_id = data.aws_caller_identity.current.account_id
  }
  _roles = { path = var.role_path, prefix = var.role_prefix }

  # Every role of the lake has the boundary: the lake's own, or the one that the organisation requires.
  _boundary = var.permissions_boundary != "" ? var.permissions_boundary : module.boundary[0].arn
  site      = merge(local._site, { roles = merge(local._roles, { boundary = local._boundary }) })

  _at = "${local._site.account_id}-${var.region}"
  buckets = merge({
    staging        = "${var.name}-staging-${local._at}"
    warehouse      = "${var.name}-warehouse-${local._at}"
    athena_etl     = "${var.name}-athena-etl-${local._at}"
    athena_results = "${var.name}-athena-results-${local._at}"
    reports        = "${var.name}-reports-${local._at}"
  }, var.own_buckets)
  artifacts_bucket = coalesce(var.artifacts_bucket, "headgate-artifacts-${local._at}")

  _lengths = flatten([
    [for bucket in values(local.buckets) : { what = "bucket", value = bucket, at_most = 63, of = "name" }],
    [for dataset, c in local.contracts :
      { what = "role", value = "${var.role_prefix}${var.name}-job-${dataset}", at_most = 64, of = c.file }
    ],
  ])

  _too_long = [
    for n in local._lengths : join(" ", [
      "${n.of}: the ${n.what} `${n.value}` has ${length(n.value)} characters, AWS allows ${n.at_most}.",
      "Shorten name `${var.name}`${n.of == "name" ? "" : " or the dataset"}.",
    ]) if length(n.value) > n.at_most
  ]
}

resource "terraform_data" "guard" {
  input = local._site

  lifecycle {
    precondition {
      condition = length(var.allowed_account_ids) == 0 || contains(var.allowed_account_ids, local._site.account_id)
      error_message = join(" ", [
        "These credentials are for account ${local._site.account_id}; environment `${var.environment}`",
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
      condition = length(local._covered) == 0
      error_message = join(" ", [
        "The name `${var.name}` and that of the lake ${join(", ", formatlist("`%s`", local._covered))} of this account and region begin",
        "alike: the roles and deployers of one could reach the other. Choose a name that does not begin with the other and a hyphen.",
      ])
    }
    precondition {
      condition     = length(local._too_long) == 0
      error_message = join("\n", local._too_long)
    }
  }
}
