# What the datasets need of the quotas of the account that a large lake reaches first, compared with them when it is planned: AWS
# would refuse the excess in the middle of an apply. Beside these the lake has a few rules and roles of its own, and all else in
# the account and region counts, too. Quotas of one resource (a role's policy, a bucket's rules) are compared in their modules.

locals {
  _needs = {
    iam_roles = { count = length(local.contracts), quota = "IAM, roles of an account", less = "Divide the lake among accounts" }
    glue_jobs = { count = 2 * length(local.contracts), quota = "Glue, jobs of an account", less = "Divide the lake among accounts" }
  }

  _beyond = [
    for name, need in local._needs : join(" ", [
      "${length(local.contracts)} contracts need ${need.count} of the quota `${need.quota}`,",
      "which is ${var.quotas[name]} (quotas.${name}).",
      "${need.less}, or let AWS raise it (Service Quotas) and set quotas.${name} to the new value.",
    ]) if need.count > var.quotas[name]
  ]
}

resource "terraform_data" "quotas" {
  input = { for name, need in local._needs : name => need.count }

  lifecycle {
    precondition {
      condition     = length(local._beyond) == 0
      error_message = join("\n", local._beyond)
    }
  }
}
