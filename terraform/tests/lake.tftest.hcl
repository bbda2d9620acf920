# The whole lake on five contracts of its own: what stops its plan (tests/terraform/test_refusals.py compares the messages),
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
  masking_secret        = "test/masking"
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

run "classified_columns_without_a_secret_are_refused" {
  command = plan

  variables {
    masking_secret = ""
  }

  expect_failures = [terraform_data.guard]
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
      customers      = "test-refine-customers"
      orders         = "test-refine-orders"
      revenue        = "test-build_mart-revenue"
      visits         = "test-refine-visits"
    }
    error_message = "One job per contract, found ${jsonencode(output.jobs)}."
  }
  assert {
    condition     = output.pipelines == { customers = "test-customers", orders = "test-orders", visits = "test-visits" }
    error_message = "The pipelines of their sources build marts, found ${jsonencode(output.pipelines)}."
  }
  assert {
    condition     = jsonencode(keys(output.queues)) == jsonencode(["orders", "visits"])
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

run "the_apply_of_a_new_lake_works" {
  command = apply

  assert {
    condition     = length(output.pipelines) == 3
    error_message = "Machines ${jsonencode(output.pipelines)}."
  }
}

run "a_second_plan_of_the_same_changes_nothing_it_would_refuse" {
  command = plan

  assert {
    condition     = length(output.jobs) == 5
    error_message = "Jobs ${jsonencode(output.jobs)}."
  }
}
