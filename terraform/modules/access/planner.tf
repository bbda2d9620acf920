# The role of workflows that read and change nothing: the plan of a pull request, and the search for drift on the main
# branch. It is computed as the reading part of the deployer's policies, so the two cannot drift apart. A pull request's
# code runs with this role before anybody has read it: the role reads no row of the lake, writes nothing, and cannot lock
# the state (plan with `-lock=false`).

locals {
  _reading = "^[a-z0-9]+:(Decrypt|Describe|Get|List|Validate|View)[A-Za-z]*$"

  # Terraform reads back the folders that it made in staging; a folder's key ends with a slash, a raw file's does not.
  _folders = ["${local._s3.staging}/staging/*/", "${local._s3.artifacts}/lakes/${local._name}/*"]

  _plan = [
    for statement in concat(values(local._deploy_with_options)...) : merge(statement, {
      Action   = [for action in statement.Action : action if can(regex(local._reading, action))]
      Resource = statement.Sid == "Folders" ? local._folders : statement.Resource
    }) if anytrue([for action in statement.Action : can(regex(local._reading, action))])
  ]
}

resource "aws_iam_role" "planner" {
  count = var.github_repository != "" ? 1 : 0

  name                 = "${local._role}-github-plan"
  description          = "Workflows of ${var.github_repository} plan ${local._name}, and change nothing."
  assume_role_policy   = module.policies.trust_of_workflows.plan
  path                 = var.site.roles.path
  permissions_boundary = var.deployer_boundary
}

resource "aws_iam_role_policy" "planner" {
  count = var.github_repository != "" ? 1 : 0

  name   = "plan"
  role   = aws_iam_role.planner[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local._plan })
}
