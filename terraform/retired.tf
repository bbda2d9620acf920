# A contract that disappears takes its jobs and queues with it. So that this never happens by a slip, each dataset
# leaves a marker beside the releases; a marker without a contract stops the plan until the dataset is named in
# contracts/_retired.yaml (`retired: [name]`), or, for this plan alone, in `retire`: a rollback's contracts are those of
# the release, in which nobody can write any more. Its data stays where it is.

data "aws_s3_objects" "known" {
  bucket   = local.artifacts_bucket
  prefix   = "lakes/${var.name}/datasets/"
  max_keys = 10000
}

locals {
  _known = [for key in data.aws_s3_objects.known.keys : trimprefix(key, "lakes/${var.name}/datasets/")]
  _gone  = [for name in local._known : name if !contains(keys(local.contracts), name) && !contains(concat(module.contracts.retired, var.retire), name)]

  _retire_faults = [
    for name in var.retire : contains(keys(local.contracts), name)
    ? "`${name}` has a contract, ${var.contracts_dir}/${local.contracts[name].file}, and stays. Take the name out of RETIRE."
    : "`${name}` is no dataset of ${var.name}; without a contract are ${length(local._missing) > 0 ? join(", ", local._missing) : "none"}. Take the name out of RETIRE, or correct it."
    if contains(keys(local.contracts), name) || !contains(local._known, name)
  ]
  _missing = [for name in local._known : name if !contains(keys(local.contracts), name)]
}

resource "aws_s3_object" "known" {
  for_each = { for dataset, c in local.contracts : dataset => c.file }

  bucket  = local.artifacts_bucket
  key     = "lakes/${var.name}/datasets/${each.key}"
  content = each.value

  depends_on = [terraform_data.guard, terraform_data.release]
}

resource "terraform_data" "retired" {
  input = module.contracts.retired

  lifecycle {
    precondition {
      condition     = length(local._gone) == 0 || length(local.contracts) == 0
      error_message = "No contract in ${var.contracts_dir} describes ${join(", ", [for name in local._gone : "`${name}`"])} any more; its jobs, queue and schedule would be removed. Bring the contract back, or write its name under `retired:` in _retired.yaml beside your contracts. In a rollback say that it may go: `make rollback ENV=${var.environment} VERSION=${var.release} RETIRE=${join(",", local._gone)}`. Its data stays in any case."
    }
    precondition {
      condition     = length(local._retire_faults) == 0
      error_message = "RETIRE: ${join(" ", local._retire_faults)}"
    }
  }
}
