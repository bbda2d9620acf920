mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site           = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  buckets        = { warehouse = "test-warehouse", artifacts = "artifacts" }
  databases      = { warehouse = "data_warehouse_db" }
  masking_secret = "test/masking"
}

run "its_arn_is_known_before_it_exists" {
  command = plan

  assert {
    condition     = output.arn == "arn:aws:iam::123456789012:policy/test-boundary"
    error_message = output.arn
  }
}

run "it_has_the_path_and_prefix_of_the_roles" {
  command = plan

  variables {
    site = {
      name  = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012"
      roles = { path = "/data/", prefix = "app-" }
    }
  }

  assert {
    condition     = output.arn == "arn:aws:iam::123456789012:policy/data/app-test-boundary"
    error_message = output.arn
  }
  assert {
    condition     = aws_iam_policy.boundary.path == "/data/" && aws_iam_policy.boundary.name == "app-test-boundary"
    error_message = "${aws_iam_policy.boundary.path}${aws_iam_policy.boundary.name}"
  }
}

run "no_role_writes_roles" {
  command = plan

  assert {
    condition = flatten([
      for s in jsondecode(aws_iam_policy.boundary.policy).Statement : [for action in s.Action : action if startswith(action, "iam:")]
    ]) == ["iam:PassRole"]
    error_message = aws_iam_policy.boundary.policy
  }
}

run "only_the_role_of_make_verify_looks_at_roles" {
  command = plan

  variables {
    options = { verify = true }
  }

  assert {
    condition = length(setsubtract(flatten([
      for s in jsondecode(aws_iam_policy.boundary.policy).Statement : [for action in s.Action : action if startswith(action, "iam:")]
    ]), ["iam:PassRole", "iam:GetRole", "iam:SimulatePrincipalPolicy"])) == 0
    error_message = aws_iam_policy.boundary.policy
  }
}

run "only_the_lake_s_own_secrets_are_read_where_no_other_is_named" {
  command = plan

  variables {
    masking_secret = ""
  }

  assert {
    condition = flatten([
      for s in jsondecode(aws_iam_policy.boundary.policy).Statement : [for at in s.Resource : at if strcontains(at, ":secretsmanager:")]
    ]) == ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:test/masking/*"]
    error_message = aws_iam_policy.boundary.policy
  }
}

run "roles_sign_in_to_the_lake_s_workgroup_alone" {
  command = plan

  variables {
    redshift = {}
  }

  assert {
    condition = [
      for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s.Condition.StringEquals
      if contains(s.Action, "redshift-serverless:GetCredentials")
    ] == [{ "aws:ResourceTag/Lake" = "test" }]
    error_message = aws_iam_policy.boundary.policy
  }
}

run "a_boundary_that_is_too_long_is_refused" {
  command = plan

  variables {
    databases = { for n in range(60) : tostring(n) => "a_database_with_a_name_of_more_than_fifty_characters_${n}" }
  }

  expect_failures = [aws_iam_policy.boundary]
}
