mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site               = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  kms_key_arn        = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  datasets           = ["orders", "revenue", "visits"]
  sql_dir            = "../../tests/lake/sql"
  database           = "data_warehouse_db"
  staging_database   = "staging_db"
  prefix             = "tbl_"
  buckets            = { staging = "test-staging", athena_etl = "test-athena-etl", athena_results = "test-athena-results" }
  scan_limit_gb      = 10
  etl_at_hour        = 4
  topic_arn          = "arn:aws:sns:eu-west-1:123456789012:test-notices"
  schedule_group     = "test"
  undelivered_queue  = "test-undelivered"
  log_retention_days = 30
}

run "the_sql_etl_names_where_its_tables_lie_which_an_enforced_workgroup_refuses" {
  command = apply

  assert {
    condition     = !aws_athena_workgroup.of["etl"].configuration[0].enforce_workgroup_configuration
    error_message = jsonencode(aws_athena_workgroup.of["etl"].configuration)
  }
  assert {
    condition     = length(distinct([for group in aws_athena_workgroup.of : group.configuration[0].bytes_scanned_cutoff_per_query])) == 1
    error_message = "All workgroups have the same limit."
  }
  assert {
    condition     = alltrue([for machine in aws_sfn_state_machine.etl : strcontains(machine.definition, "external_location")])
    error_message = jsonencode([for machine in aws_sfn_state_machine.etl : machine.definition])
  }
  assert {
    condition = alltrue([
      for machine in aws_sfn_state_machine.etl :
      distinct(regexall("\"WorkGroup\":\"[^\"]*\"", machine.definition)) == tolist(["\"WorkGroup\":\"test-etl\""])
    ])
    error_message = jsonencode([for machine in aws_sfn_state_machine.etl : machine.definition])
  }
}

run "the_engineers_workgroup_is_enforced_encrypted_and_limited" {
  command = plan

  assert {
    condition = alltrue([
      aws_athena_workgroup.of["engineers"].configuration[0].enforce_workgroup_configuration,
      aws_athena_workgroup.of["engineers"].configuration[0].bytes_scanned_cutoff_per_query == 10737418240,
      aws_athena_workgroup.of["engineers"].configuration[0].engine_version[0].selected_engine_version == "Athena engine version 3",
    ])
    error_message = jsonencode(aws_athena_workgroup.of["engineers"].configuration)
  }
  assert {
    condition = [
      for result in aws_athena_workgroup.of["engineers"].configuration[0].result_configuration :
      result.encryption_configuration[0].encryption_option
    ] == ["SSE_KMS"]
    error_message = jsonencode(aws_athena_workgroup.of["engineers"].configuration)
  }
}

run "analysts_name_a_folder_of_their_own_which_no_workgroup_can_enforce" {
  command = plan

  assert {
    condition = alltrue([
      !aws_athena_workgroup.of["lake"].configuration[0].enforce_workgroup_configuration,
      aws_athena_workgroup.of["lake"].configuration[0].bytes_scanned_cutoff_per_query == 10737418240,
      aws_athena_workgroup.of["lake"].configuration[0].result_configuration[0].output_location == null,
    ])
    error_message = jsonencode(aws_athena_workgroup.of["lake"].configuration)
  }
}

run "named_queries_name_tables_as_athena_knows_them" {
  command = plan

  assert {
    condition     = strcontains(output.named_queries["revenue_of_a_month"], "FROM data_warehouse_db.tbl_revenue ORDER BY")
    error_message = output.named_queries["revenue_of_a_month"]
  }
  assert {
    condition     = aws_athena_named_query.analysis["revenue_of_a_month"].description == "What did each customer pay in a month?"
    error_message = aws_athena_named_query.analysis["revenue_of_a_month"].description
  }
}

run "the_sql_etl_writes_a_new_folder_checks_it_and_then_switches" {
  command = plan

  assert {
    condition = alltrue([
      for text in [
        "s3://test-athena-etl/visits_by_month/run=", "partitioned_by = ARRAY['month']", "FROM staging_db.tbl_visits",
      ] : strcontains(local.etl["visits_by_month"].States.Build.Arguments.QueryString, text)
    ])
    error_message = local.etl["visits_by_month"].States.Build.Arguments.QueryString
  }
  assert {
    condition = alltrue([
      local.etl["visits_by_month"].States["Check 1 holds"].Choices[0].Next == "Check 2",
      local.etl["visits_by_month"].States["Check 2 holds"].Choices[0].Next == "Switch",
      local.etl["visits_by_month"].States["Check 2 holds"].Default == "Tell",
    ])
    error_message = jsonencode(local.etl["visits_by_month"])
  }
}

run "an_unchecked_etl_is_refused" {
  command = plan

  variables {
    sql_dir = "../../tests/unchecked/sql"
  }

  expect_failures = [terraform_data.etl]
}

run "a_limit_below_a_gigabyte_is_refused" {
  command = plan

  variables {
    scan_limit_gb = 0
  }

  expect_failures = [var.scan_limit_gb]
}
