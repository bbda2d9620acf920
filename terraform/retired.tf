# Without its contract a dataset loses its jobs and queues. So that this never happens by mistake, each dataset leaves a
# marker beside the releases. A marker without a contract stops the plan until contracts/_retired.yaml names the dataset
# (`retired: [name]`), or `retire` does, for this plan alone: a rollback's contracts are the release's, which nobody can edit.
# The dataset's data is kept in any case.

# Each lake of this account and region has a folder there.
data "aws_s3_objects" "lakes" {
  bucket    = local.artifacts_bucket
  prefix    = "lakes/"
  delimiter = "/"
}

data "aws_s3_objects" "known" {
  bucket   = local.artifacts_bucket
  prefix   = "lakes/${var.name}/datasets/"
  max_keys = 10000
}

locals {
  # Policies name what belongs to a lake by how its name begins: those of `lake` would cover everything of `lake-prod`, too.
  _lakes   = [for folder in data.aws_s3_objects.lakes.common_prefixes : trimsuffix(trimprefix(folder, "lakes/"), "/")]
  _covered = [for other in local._lakes : other if startswith(other, "${var.name}-") || startswith(var.name, "${other}-")]

  _known   = [for key in data.aws_s3_objects.known.keys : trimprefix(key, "lakes/${var.name}/datasets/")]
  _missing = [for name in local._known : name if !contains(keys(local.contracts), name)]
  _gone    = [for name in local._missing : name if !contains(concat(module.contracts.retired, var.retire), name)]

  _retire_faults = concat(
    [
      for name in var.retire :
      "`${name}` has a contract, ${var.contracts_dir}/${local.contracts[name].file}, and stays. Remove the name from RETIRE."
      if contains(keys(local.contracts), name)
    ],
    [
      for name in var.retire : join(" ", [
        "`${name}` is not a dataset of ${var.name}; without a contract are ${join(", ", coalescelist(local._missing, ["none"]))}.",
        "Remove the name from RETIRE, or correct it.",
      ]) if !contains(keys(local.contracts), name) && !contains(local._known, name)
    ],
  )

  _retire_these = "make rollback ENV=${var.environment} VERSION=${var.release} RETIRE=${join(",", local._gone)}"
}

resource "aws_s3_object" "known" {
  for_each = { for dataset, c in local.contracts : dataset => c.file }

  bucket  = local.artifacts_bucket
  key     = "lakes/${var.name}/datasets/${each.key}"
  content = each.value

  # S3 allows 10 tags on an object, and a lake may have more on its other resources.
  override_provider {
    default_tags {
      tags = {}
    }
  }

  depends_on = [terraform_data.guard, terraform_data.release]
}

resource "terraform_data" "retired" {
  input = module.contracts.retired

  lifecycle {
    precondition {
      condition = length(local._gone) == 0 || length(local.contracts) == 0
      error_message = join(" ", [
        "No contract in ${var.contracts_dir} describes ${join(", ", formatlist("`%s`", local._gone))} any more;",
        "its jobs, queue and schedule would be removed. Bring the contract back, or write its name under `retired:` in",
        "_retired.yaml beside your contracts. In a rollback, name what may go: `${local._retire_these}`. Its data stays in any case.",
      ])
    }
    precondition {
      condition     = length(local._retire_faults) == 0
      error_message = "RETIRE: ${join(" ", local._retire_faults)}"
    }
  }
}
