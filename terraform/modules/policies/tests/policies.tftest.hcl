# No provider at all: a policy is a text.

variables {
  site   = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  people = { analyst = ["arn:aws:iam::123456789012:role/people"], operator = null }
  github = { repository = "example/lake", environment = "prod" }
}

run "a_service_takes_a_role_for_this_account_only" {
  command = plan

  assert {
    condition = alltrue([for service, policy in output.trust : jsondecode(policy).Statement == [{
      Effect    = "Allow"
      Principal = { Service = "${service}.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }] if !contains(["events", "glue", "lakeformation", "lambda", "redshift"], service)])
    error_message = jsonencode(output.trust)
  }
  assert {
    condition = alltrue([
      for service in ["events", "glue", "lambda", "redshift"] : jsondecode(output.trust[service]).Statement[0].Condition == {
        StringEqualsIfExists = { "aws:SourceAccount" = "123456789012" }
      }
    ])
    error_message = join(" ", [
      "Nothing promises that these send the account:",
      output.trust.events, output.trust.glue, output.trust.lambda, output.trust.redshift,
    ])
  }
  assert {
    condition = jsondecode(output.trust.redshift).Statement[0].Principal.Service == [
      "redshift.amazonaws.com", "redshift-serverless.amazonaws.com",
    ]
    error_message = "Redshift has two names: ${output.trust.redshift}"
  }
  assert {
    condition = output.services == [
      for service in keys(output.trust) : "${service}.amazonaws.com" if !contains(["lakeformation", "redshift"], service)
    ]
    error_message = jsonencode(output.services)
  }
}

run "a_role_for_people_trusts_its_principals_or_the_account" {
  command = plan

  assert {
    condition = { for role, policy in output.trust_of_people : role => jsondecode(policy).Statement[0].Principal.AWS } == {
      analyst  = ["arn:aws:iam::123456789012:role/people"]
      operator = ["arn:aws:iam::123456789012:root"]
    }
    error_message = jsonencode(output.trust_of_people)
  }
}

run "workflows_of_one_repository_take_their_roles" {
  command = plan

  assert {
    condition = jsondecode(output.trust_of_workflows.deploy).Statement[0].Condition.StringEquals == {
      "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
      "token.actions.githubusercontent.com:sub" = "repo:example/lake:environment:prod"
    }
    error_message = output.trust_of_workflows.deploy
  }
}

run "without_redshift_nobody_runs_statements_there" {
  command = plan

  assert {
    condition     = length(output.redshift) == 0
    error_message = jsonencode(output.redshift)
  }
}

run "statements_run_in_the_lake_s_workgroup_only" {
  command = plan

  variables {
    redshift = {}
  }

  assert {
    condition = output.redshift[0] == {
      Sid       = "RunStatements"
      Effect    = "Allow"
      Action    = ["redshift-data:BatchExecuteStatement", "redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials"]
      Resource  = ["arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/*"]
      Condition = { StringEquals = { "aws:ResourceTag/Lake" = "test" } }
    }
    error_message = jsonencode(output.redshift)
  }
}

run "the_console_is_that_of_the_partition" {
  command = plan

  variables {
    site = { name = "test", partition = "aws-cn", region = "cn-north-1", account_id = "123456789012" }
  }

  assert {
    condition     = output.console == "console.amazonaws.cn"
    error_message = output.console
  }
}
