mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  buckets = {
    staging        = "test-staging"
    warehouse      = "test-warehouse"
    athena_etl     = "test-athena-etl"
    athena_results = "test-athena-results"
    reports        = "test-reports"
  }
  contracts = {
    orders    = { is_mart = false, prefix = "orders/", quarantine_days = 90, runs_days = 400 }
    customers = { is_mart = false, prefix = "crm/customers/", quarantine_days = 30, runs_days = 100 }
    products  = { is_mart = false, prefix = "products.csv", quarantine_days = 90, runs_days = 400 }
    revenue   = { is_mart = true, prefix = "revenue/", quarantine_days = 90, runs_days = 400 }
  }
  protected            = true
  staging_archive_days = 90
  results_days         = 14
}

run "every_bucket_is_versioned_encrypted_and_closed" {
  command = apply

  assert {
    condition     = jsonencode(output.buckets) == jsonencode(var.buckets)
    error_message = "Buckets ${jsonencode(output.buckets)}."
  }
  assert {
    condition     = [for folder in aws_s3_object.folder : folder.key] == ["staging/crm/customers/", "staging/orders/"]
    error_message = "A dataset with a folder has that folder, found ${jsonencode([for folder in aws_s3_object.folder : folder.key])}."
  }
  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_kms_key.lake[0].policy).Statement : [for action in statement.Action : !strcontains(action, "*")]
    ]))
    error_message = "The key's policy has a wildcard action: ${aws_kms_key.lake[0].policy}."
  }
  assert {
    condition     = aws_kms_key.lake[0].enable_key_rotation
    error_message = "The key must rotate."
  }
}

run "rules_never_touch_current_warehouse_objects" {
  command = plan

  assert {
    condition = alltrue([
      for rule in local._rules.warehouse :
      !startswith("data-warehouse/", rule.prefix) && !can(regex("^(data-warehouse|ledger)", rule.prefix))
    ])
    error_message = "Rules of the warehouse: ${jsonencode(local._rules.warehouse)}."
  }
  assert {
    condition = alltrue([for rule in local._rules.warehouse : !startswith("exports/newest/orders/export.json", rule.prefix)]) && anytrue([
      for rule in local._rules.warehouse : startswith("exports/redshift/orders/run/rows/a.parquet", rule.prefix) && rule.expire_days == 35
    ])
    error_message = "Exports expire, and the record that counts them does not: ${jsonencode(local._rules.warehouse)}."
  }
  assert {
    condition     = local._rules.warehouse["quarantine-customers"].expire_days == 30
    error_message = "Refused rows are kept for the contract's quarantine_days: ${jsonencode(local._rules.warehouse)}."
  }
  assert {
    condition     = !contains(keys(local._rules.warehouse), "quarantine-revenue")
    error_message = "A mart has no quarantine: ${jsonencode(local._rules.warehouse)}."
  }
  assert {
    condition     = alltrue([for rule in local._rules.staging : rule.archive_days == 90]) && local._rules.reports.runs.expire_days == 400
    error_message = "Rules: ${jsonencode(local._rules)}."
  }
}

run "a_bucket_name_that_is_too_long_is_refused" {
  command = plan

  variables {
    buckets = {
      staging        = "a-name-that-is-far-too-long-for-a-bucket-of-the-simple-storage-service"
      warehouse      = "test-warehouse"
      athena_etl     = "test-athena-etl"
      athena_results = "test-athena-results"
      reports        = "test-reports"
    }
  }

  expect_failures = [var.buckets]
}

run "archiving_after_no_days_is_refused" {
  command = plan

  variables {
    staging_archive_days = 0
  }

  expect_failures = [var.staging_archive_days]
}

run "a_key_and_buckets_of_your_own_are_used_and_not_created" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/33333333-3333-3333-3333-333333333333"
    own_buckets = ["warehouse", "reports"]
  }

  assert {
    condition     = length(aws_kms_key.lake) == 0 && length(aws_kms_alias.lake) == 0 && output.kms_key_arn == var.kms_key_arn
    error_message = "The key: ${output.kms_key_arn}."
  }
  assert {
    condition     = toset(keys(module.bucket)) == toset(["athena_etl", "athena_results", "staging"])
    error_message = "Created were ${jsonencode(keys(module.bucket))}."
  }
  assert {
    condition     = output.buckets["warehouse"] == "test-warehouse"
    error_message = "Buckets ${jsonencode(output.buckets)}."
  }
}

run "what_is_no_key_is_refused" {
  command         = plan
  expect_failures = [var.kms_key_arn]

  variables {
    kms_key_arn = "alias/mine"
  }
}
