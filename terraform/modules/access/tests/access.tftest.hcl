mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site = {
    name  = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012"
    roles = { boundary = "arn:aws:iam::123456789012:policy/test-boundary" }
  }
  deployer_boundary = null
  buckets = {
    staging        = "test-staging"
    warehouse      = "test-warehouse"
    athena_etl     = "test-athena-etl"
    athena_results = "test-athena-results"
    reports        = "test-reports"
    artifacts      = "artifacts"
    state          = "state"
  }
  kms_key_arns = {
    lake      = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
    artifacts = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  }
  databases          = { warehouse = "data_warehouse_db", staging = "staging_db", etl = "athena_etl_db" }
  prefix             = "tbl_"
  workgroup          = "test"
  verify             = true
  github_repository  = "example/lake"
  github_environment = "prod"
  trusted_principals = {}
}

run "workflows_of_one_repository_and_environment_deploy" {
  command = apply

  assert {
    condition = one([
      for s in jsondecode(aws_iam_role.github[0].assume_role_policy).Statement :
      s.Condition.StringEquals["token.actions.githubusercontent.com:sub"]
    ]) == "repo:example/lake:environment:prod"
    error_message = aws_iam_role.github[0].assume_role_policy
  }
  assert {
    condition     = length(aws_iam_role_policy_attachment.github) == length(aws_iam_policy.deploy)
    error_message = "Attached ${jsonencode(keys(aws_iam_role_policy_attachment.github))}."
  }
}

run "workflows_of_pull_requests_and_of_main_plan" {
  command = apply

  assert {
    condition = flatten([
      for s in jsondecode(aws_iam_role.planner[0].assume_role_policy).Statement :
      s.Condition.StringEquals["token.actions.githubusercontent.com:sub"]
    ]) == ["repo:example/lake:pull_request", "repo:example/lake:ref:refs/heads/main"]
    error_message = aws_iam_role.planner[0].assume_role_policy
  }
}

run "the_planner_changes_nothing_and_reads_no_row" {
  command = apply

  assert {
    condition = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.planner[0].policy).Statement : [
      for action in s.Action : can(regex(":(Decrypt|Describe|Get|List|Validate|View)", action))
    ]]))
    error_message = aws_iam_role_policy.planner[0].policy
  }
  assert {
    condition = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.planner[0].policy).Statement : [
      for resource in s.Resource : !contains(s.Action, "s3:GetObject") || anytrue([
        for prefix in ["arn:aws:s3:::artifacts/", "arn:aws:s3:::state/"] : startswith(resource, prefix)
      ]) || resource == "arn:aws:s3:::test-staging/staging/*/"
    ]]))
    error_message = aws_iam_role_policy.planner[0].policy
  }
  assert {
    condition = contains(
      flatten([for s in jsondecode(aws_iam_role_policy.planner[0].policy).Statement : s.Action]),
      "states:ValidateStateMachineDefinition",
    )
    error_message = "Without it no state machine can be planned."
  }
}

run "a_release_is_put_once" {
  command = plan

  assert {
    condition = [for s in jsondecode(aws_iam_policy.deploy["data"].policy).Statement :
      try(s.Condition.Null["s3:if-none-match"], "")
      if contains(s.Action, "s3:PutObject") && contains(s.Resource, "arn:aws:s3:::artifacts/releases/*")
    ] == ["false"]
    error_message = aws_iam_policy.deploy["data"].policy
  }
}

run "without_a_repository_there_is_no_such_role" {
  command = apply

  variables {
    github_repository = ""
  }

  assert {
    condition     = output.github_role == null && output.github_plan_role == null
    error_message = "A role that no variable asks for."
  }
}

run "analysts_only_read_what_is_published" {
  command = plan

  assert {
    condition = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.person["analyst"].policy).Statement : [
      for resource in s.Resource : !strcontains(resource, "test-staging") && !strcontains(resource, "quarantine")
    ]]))
    error_message = aws_iam_role_policy.person["analyst"].policy
  }
  assert {
    condition = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.person["analyst"].policy).Statement : [
      for action in s.Action :
      alltrue([for resource in s.Resource : strcontains(resource, "test-athena-results")]) if startswith(action, "s3:Put")
    ]]))
    error_message = aws_iam_role_policy.person["analyst"].policy
  }
}

run "probes_reach_no_other_dataset" {
  command = apply

  assert {
    condition = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.verify[0].policy).Statement : [
      for resource in s.Resource : strcontains(resource, "verify_probe") || anytrue([
        for end in ["/runs/*", "/counts/*", "test-athena-results/engineers/*", ":test-landed"] : endswith(resource, end)
      ]) if contains(s.Action, "s3:PutObject") || contains(s.Action, "glue:StartJobRun") || contains(s.Action, "sqs:DeleteMessage")
    ]]))
    error_message = aws_iam_role_policy.verify[0].policy
  }
  assert {
    condition     = output.verify_role != null && length(aws_iam_role_policy.verify[0].policy) <= 10240
    error_message = "`verify` is true, so `make verify` must have its role."
  }
}

run "probes_have_no_role_unless_it_is_asked_for" {
  command = apply

  variables {
    verify = false
  }

  assert {
    condition     = output.verify_role == null && length(aws_iam_role_policy.verify) == 0
    error_message = "A role that no variable asks for."
  }
}

run "trusting_everybody_is_refused" {
  command = plan

  variables {
    trusted_principals = { analyst = ["*"] }
  }

  expect_failures = [var.trusted_principals]
}

run "an_unknown_role_is_refused" {
  command = plan

  variables {
    trusted_principals = { boss = ["arn:aws:iam::123456789012:root"] }
  }

  expect_failures = [var.trusted_principals]
}

run "a_repository_without_an_owner_is_refused" {
  command = plan

  variables {
    github_repository = "lake"
  }

  expect_failures = [var.github_repository]
}
