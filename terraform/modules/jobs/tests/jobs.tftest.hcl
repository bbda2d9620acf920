mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site                  = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  kms_key_arn           = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  artifacts_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  release = {
    bucket     = "artifacts"
    prefix     = "releases/0.1.0"
    wheelhouse = "wheelhouse.gluewheels.zip"
  }
  buckets            = { staging = "test-staging", warehouse = "test-warehouse", reports = "test-reports" }
  database           = "data_warehouse_db"
  prefix             = "tbl_"
  log_retention_days = 30
  contracts = {
    orders = {
      file         = "orders.yaml", description = "One row per order.", tags = {}, is_mart = false, step = "refine", prefix = "orders/"
      reads        = [], domains = ["email", "phone"],
      table_format = "parquet", worker = "G.2X", workers = 4, execution = "flex", timeout_min = 60
    }
    revenue = {
      file  = "revenue.yaml", description = "Revenue.", tags = {}, is_mart = true, step = "build_mart", prefix = "revenue/"
      reads = ["orders"], domains = [], table_format = "iceberg", worker = "G.1X", workers = 2, execution = "standard", timeout_min = 30
    }
  }
}

run "a_job_is_as_the_contract_says_and_runs_with_nothing_typed" {
  command = plan

  assert {
    condition = alltrue([
      aws_glue_job.step["orders"].glue_version == "5.1",
      aws_glue_job.step["orders"].worker_type == "G.2X",
      aws_glue_job.step["orders"].number_of_workers == 4,
      aws_glue_job.step["orders"].execution_class == "FLEX",
      aws_glue_job.step["orders"].timeout == 60,
    ])
    error_message = jsonencode(aws_glue_job.step["orders"])
  }
  assert {
    condition     = aws_glue_job.step["revenue"].execution_class == "STANDARD"
    error_message = "The execution class is always explicit."
  }
  assert {
    condition = alltrue([
      aws_glue_job.step["orders"].max_retries == 0,
      aws_glue_job.step["orders"].job_run_queuing_enabled,
      aws_glue_job.step["orders"].execution_property[0].max_concurrent_runs == 1,
    ])
    error_message = "One run at a time, the next one waits, and Glue retries none."
  }
  assert {
    condition = length(setsubtract([
      "--project", "--source", "--lake", "--dataset", "--reports", "--catalog", "--database", "--prefix", "--TempDir",
      "--datalake-formats", "--masking_keys",
    ], keys(aws_glue_job.step["orders"].non_overridable_arguments))) == 0
    error_message = jsonencode(aws_glue_job.step["orders"].non_overridable_arguments)
  }
  assert {
    condition     = aws_glue_job.step["orders"].non_overridable_arguments["--python-modules-installer-option"] == "--no-index"
    error_message = "Wheels come from the release, never from an index."
  }
  assert {
    condition = aws_glue_job.step["orders"].non_overridable_arguments["--additional-python-modules"] == (
      "s3://artifacts/releases/0.1.0/wheelhouse.gluewheels.zip"
    )
    error_message = "One zip has the library and all that it needs: nothing documents in which order Glue installs two modules."
  }
  assert {
    condition     = !contains(keys(aws_glue_job.step["revenue"].non_overridable_arguments), "--masking_keys")
    error_message = "Only jobs with classified columns know the secret."
  }
  assert {
    condition = alltrue([
      aws_glue_job.maintain["orders"].command[0].script_location == "s3://artifacts/releases/0.1.0/glue_jobs/maintain.py",
      aws_glue_job.maintain["orders"].non_overridable_arguments["--dataset"] == "orders",
      aws_glue_job.maintain["orders"].execution_class == "FLEX",
      aws_glue_job.maintain["orders"].timeout >= 8 * 60, # its time in the queue counts
      aws_glue_job.maintain["orders"].execution_property[0].max_concurrent_runs == 1,
    ])
    error_message = jsonencode(aws_glue_job.maintain["orders"])
  }
  assert {
    condition = [
      for dataset in ["orders", "revenue"] : dataset
      if strcontains(aws_iam_role_policy.job[dataset].policy, "glue:BatchUpdatePartition")
    ] == ["orders"]
    error_message = "Only plain Parquet tables have partitions to switch in the catalog."
  }
  assert {
    condition     = endswith(aws_glue_job.step["revenue"].description, "prefix=latest/revenue/report.html")
    error_message = aws_glue_job.step["revenue"].description
  }
  assert {
    condition     = aws_glue_job.step["revenue"].command[0].script_location == "s3://artifacts/releases/0.1.0/glue_jobs/build_mart.py"
    error_message = aws_glue_job.step["revenue"].command[0].script_location
  }
}

run "a_role_reads_and_writes_its_own_dataset_only" {
  command = plan

  assert {
    condition = jsonencode(one([
      for s in jsondecode(aws_iam_role_policy.job["orders"].policy).Statement : s.Resource if s.Sid == "ReadRawFiles"
    ])) == jsonencode(["arn:aws:s3:::test-staging/staging/orders/*"])
    error_message = aws_iam_role_policy.job["orders"].policy
  }
  assert {
    condition = jsonencode(one([
      for s in jsondecode(aws_iam_role_policy.job["revenue"].policy).Statement : s.Resource if s.Sid == "ReadSources"
    ])) == jsonencode(["arn:aws:s3:::test-warehouse/data-warehouse/orders/*", "arn:aws:s3:::test-warehouse/ledger/orders/*.json"])
    error_message = aws_iam_role_policy.job["revenue"].policy
  }
  assert {
    condition = !anytrue([
      for s in jsondecode(aws_iam_role_policy.job["revenue"].policy).Statement :
      contains(["ReadRawFiles", "ReadMaskingKeys"], s.Sid)
    ])
    error_message = "A mart reads neither raw files nor keys: ${aws_iam_role_policy.job["revenue"].policy}"
  }
  assert {
    condition = jsonencode(one([
      for s in jsondecode(aws_iam_role_policy.job["orders"].policy).Statement : s.Resource if s.Sid == "ReadMaskingKeys"
      ])) == jsonencode([
      for domain in ["email", "phone"] : "arn:aws:secretsmanager:eu-west-1:123456789012:secret:test/masking/${domain}-??????"
    ])
    error_message = aws_iam_role_policy.job["orders"].policy
  }
  assert {
    condition = alltrue(flatten([
      for s in jsondecode(aws_iam_role_policy.job["orders"].policy).Statement :
      [for arn in s.Resource : strcontains(arn, "/orders/")] if s.Sid == "WriteOwn"
    ]))
    error_message = aws_iam_role_policy.job["orders"].policy
  }
}

run "the_one_secret_of_earlier_versions_is_read_where_it_is_named" {
  command = plan

  variables {
    masking_secret = "old/masking"
  }

  assert {
    condition = jsonencode(one([
      for s in jsondecode(aws_iam_role_policy.job["orders"].policy).Statement : s.Resource if s.Sid == "ReadMaskingKeys"
    ])) == jsonencode(["arn:aws:secretsmanager:eu-west-1:123456789012:secret:old/masking-??????"])
    error_message = aws_iam_role_policy.job["orders"].policy
  }
  assert {
    condition     = lookup(aws_glue_job.step["orders"].non_overridable_arguments, "--masking_secret", "") == "old/masking"
    error_message = jsonencode(aws_glue_job.step["orders"].non_overridable_arguments)
  }
}

run "an_unknown_worker_type_is_refused" {
  command = plan

  variables {
    contracts = {
      orders = {
        file  = "orders.yaml", description = "d", tags = {}, is_mart = false, step = "refine", prefix = "orders/"
        reads = [], domains = [], table_format = "iceberg", worker = "G.3X", workers = 4, execution = "flex", timeout_min = 60
      }
    }
  }

  expect_failures = [var.contracts]
}

run "a_role_name_that_is_too_long_is_refused" {
  command = plan

  variables {
    site = {
      name       = "a-lake-with-a-name-that-is-much-too-long-for-any-of-its-roles"
      partition  = "aws"
      region     = "eu-west-1"
      account_id = "123456789012"
    }
  }

  expect_failures = [var.contracts]
}
