# The whole lake on six contracts of its own: what stops its plan (tests/terraform/test_refusals.py compares the messages),
# and what the factory creates.

mock_provider "aws" {
  source = "./tests/mocks"
}

# There is no earlier lake.
override_data {
  target = data.aws_s3_objects.known
  values = { keys = [] }
}

variables {
  name                  = "test"
  environment           = "test"
  region                = "eu-west-1"
  allowed_regions       = ["eu-west-1"]
  contracts_dir         = "./tests/lake/contracts"
  sql_dir               = "./tests/lake/sql"
  release               = "0.1.0"
  protected             = true
  monthly_budget_usd    = 10
  athena_scan_limit_gb  = 1
  athena_daily_limit_gb = 10
}

run "another_account_is_refused" {
  command = plan

  variables {
    allowed_account_ids = ["210987654321"]
  }

  expect_failures = [terraform_data.guard]
}

run "an_account_id_with_too_few_digits_is_refused" {
  command = plan

  variables {
    allowed_account_ids = ["123456789"]
  }

  expect_failures = [var.allowed_account_ids]
}

run "another_region_is_refused" {
  command = plan

  variables {
    region = "us-east-1"
  }

  expect_failures = [terraform_data.guard]
}

run "names_that_become_too_long_are_refused" {
  command = plan

  variables {
    name = "a-lake-whose-name-is-too-long-for-buckets"
  }

  expect_failures = [terraform_data.guard]
}

run "a_name_that_no_bucket_may_have_is_refused" {
  command = plan

  variables {
    name = "My_Lake"
  }

  expect_failures = [var.name]
}

run "every_domain_has_a_secret_of_its_own" {
  command = plan

  assert {
    condition     = jsonencode(output.masking_secrets) == jsonencode({ email = "test/masking/email" })
    error_message = jsonencode(output.masking_secrets)
  }
}

run "a_missing_release_is_refused" {
  command = plan

  variables {
    release = "0.2.0"
  }

  expect_failures = [terraform_data.release]
}

run "a_release_that_is_no_version_is_refused" {
  command = plan

  variables {
    release = "latest"
  }

  expect_failures = [var.release]
}

run "contracts_other_than_the_release_s_are_refused" {
  command = plan

  override_data {
    target = data.aws_s3_object.release
    values = { body = "{\"version\": \"0.1.0\", \"contracts_sha256\": \"0000\"}" }
  }

  expect_failures = [terraform_data.release]
}

run "a_contract_that_disappeared_is_refused" {
  command = plan

  override_data {
    target = data.aws_s3_objects.known
    values = { keys = ["lakes/test/datasets/orders", "lakes/test/datasets/forgotten"] }
  }

  expect_failures = [terraform_data.retired]
}

run "retiring_what_has_a_contract_is_refused" {
  command = plan

  variables {
    retire = ["orders"]
  }

  override_data {
    target = data.aws_s3_objects.known
    values = { keys = ["lakes/test/datasets/orders"] }
  }

  expect_failures = [terraform_data.retired]
}

run "a_contract_becomes_a_job_and_a_pipeline" {
  command = plan

  assert {
    condition = output.jobs == {
      best_customers = "test-build_mart-best_customers"
      clicks         = "test-refine-clicks"
      customers      = "test-refine-customers"
      orders         = "test-refine-orders"
      revenue        = "test-build_mart-revenue"
      visits         = "test-refine-visits"
    }
    error_message = "One job per contract, found ${jsonencode(output.jobs)}."
  }
  assert {
    condition     = jsonencode(keys(output.pipelines)) == jsonencode(["clicks", "customers", "orders", "visits"])
    error_message = "The pipelines of their sources build marts, found ${jsonencode(output.pipelines)}."
  }
  assert {
    condition     = jsonencode(keys(output.queues)) == jsonencode(["clicks", "orders", "visits"])
    error_message = "Only datasets on arrival have a queue, found ${jsonencode(output.queues)}."
  }
  assert {
    condition = alltrue([
      output.idle_cost.contracts["revenue"].usd_per_month == 0,
      output.idle_cost.contracts["orders"].usd_per_month > 0,
      output.idle_cost.contracts["orders"].usd_per_month < 0.1,
    ])
    error_message = "Idle cost ${jsonencode(output.idle_cost)}."
  }
  assert {
    condition     = output.buckets.warehouse == "test-warehouse-123456789012-eu-west-1"
    error_message = "Buckets ${jsonencode(output.buckets)}."
  }
}

run "a_contract_that_asks_for_it_gets_the_event_path" {
  command = plan

  assert {
    condition     = output.events.function == "test-flatten" && output.events.queues.dead == "test-incoming-dead"
    error_message = jsonencode(output.events)
  }
  assert {
    condition     = output.alarms["test-dead-documents"] == "dead-documents"
    error_message = jsonencode(output.alarms)
  }
}

run "the_apply_of_a_new_lake_works" {
  command = apply

  variables {
    protected = false # the test destroys what it applied
  }

  assert {
    condition     = length(output.pipelines) == 4
    error_message = "Machines ${jsonencode(output.pipelines)}."
  }
}

run "a_second_plan_of_the_same_changes_nothing_it_would_refuse" {
  command = plan

  variables {
    protected = false
  }

  assert {
    condition     = length(output.jobs) == 6
    error_message = "Jobs ${jsonencode(output.jobs)}."
  }
}
