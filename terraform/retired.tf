# A contract that disappears takes its jobs and queues with it. So that this never happens by a slip, each dataset
# leaves a marker beside the releases; a marker without a contract stops the plan until the dataset is named in
# contracts/_retired.yaml (`retired: [name]`). Its data stays where it is.

data "aws_s3_objects" "known" {
  bucket   = local.artifacts_bucket
  prefix   = "lakes/${var.name}/datasets/"
  max_keys = 10000
}

locals {
  _known = [for key in data.aws_s3_objects.known.keys : trimprefix(key, "lakes/${var.name}/datasets/")]
  _gone  = [for name in local._known : name if !contains(keys(local.contracts), name) && !contains(module.contracts.retired, name)]
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
      error_message = "No contract in ${var.contracts_dir} describes ${join(", ", [for name in local._gone : "`${name}`"])} any more; its jobs, queue and schedule would be removed. Bring the contract back, or write it down: ${var.contracts_dir}/_retired.yaml, under `retired:`."
    }
  }
}
