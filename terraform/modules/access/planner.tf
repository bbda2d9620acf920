# The role of workflows that look and change nothing: the plan of a pull request, and the search for drift on the main
# branch. It has what the deployer has, the reading part of it, so the two cannot drift apart. Code of a pull request runs
# with it before anybody has read it: it reads no row of the lake, writes nothing, and cannot lock the state (plan with
# `-lock=false`).

locals {
  _looks = "^[a-z0-9]+:(Decrypt|Describe|Get|List|Validate|View)[A-Za-z]*$"

  # Terraform reads back the folders that it made in staging; a folder's name ends with a slash, a raw file's does not.
  _folders = ["${local._s3.staging}/staging/*/", "${local._s3.artifacts}/lakes/${local._name}/*"]

  _plan = [
    for one in concat(local._deploy.data, local._deploy.control) : merge(one, {
      Action   = [for action in one.Action : action if can(regex(local._looks, action))]
      Resource = one.Sid == "Folders" ? local._folders : one.Resource
    }) if anytrue([for action in one.Action : can(regex(local._looks, action))])
  ]
}

resource "aws_iam_role" "planner" {
  count = var.github_repository != "" ? 1 : 0

  name        = "${local._name}-github-plan"
  description = "Workflows of ${var.github_repository} plan ${local._name}, and change nothing."

  # GitHub gives workflows of forks no token that could be exchanged here.
  assume_role_policy = local._github_trust.plan

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "planner" {
  count = var.github_repository != "" ? 1 : 0

  name   = "plan"
  role   = aws_iam_role.planner[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local._plan })
}
