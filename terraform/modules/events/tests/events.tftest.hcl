mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site               = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  kms_key_arn        = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  release            = { bucket = "artifacts", prefix = "releases/0.1.0" }
  staging_bucket     = "test-staging"
  alerts_topic_arn   = "arn:aws:sns:eu-west-1:123456789012:test-alerts"
  window_min         = 5
  crawl_every_min    = 60
  log_retention_days = 30
  catalog = {
    staging_database = "staging_db", prefix = "tbl_", security_configuration = "test-crawlers"
    role_arn         = "arn:aws:iam::123456789012:role/test-crawler"
  }
  ticks = {
    admit           = "arn:aws:states:eu-west-1:123456789012:stateMachine:test-admit"
    role_arn        = "arn:aws:iam::123456789012:role/test-tick"
    group           = "test"
    undelivered_arn = "arn:aws:sqs:eu-west-1:123456789012:test-undelivered"
  }
  contracts = {
    clicks = {
      file = "clicks.yaml", tags = { Dataset = "clicks" }, prefix = "clicks/"
      columns = [
        { name = "id", type = "int" },
        { name = "what", type = "string" },
        { name = "price", type = "decimal(12,2)" },
        { name = "day", type = "date" },
        { name = "at", type = "timestamp" },
        { name = "tags", type = "array<string>" },
      ]
    }
    scans = { file = "scans.yaml", tags = {}, prefix = "shop/scans/", columns = [{ name = "id", type = "bigint" }] }
  }
}

run "a_document_becomes_a_message_and_a_message_a_batch" {
  command = plan

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.incoming.event_pattern).detail == {
      bucket = { name = ["test-staging"] }
      object = { key = [{ prefix = "incoming/" }], size = [{ numeric = [">", 0] }] }
    }
    error_message = aws_cloudwatch_event_rule.incoming.event_pattern
  }
  assert {
    condition     = aws_sqs_queue.incoming.visibility_timeout_seconds == 6 * aws_lambda_function.flatten.timeout
    error_message = "AWS asks for six times the function's time-out, found ${aws_sqs_queue.incoming.visibility_timeout_seconds}."
  }
  assert {
    condition = alltrue([
      aws_lambda_event_source_mapping.incoming.function_response_types == toset(["ReportBatchItemFailures"]),
      aws_lambda_event_source_mapping.incoming.scaling_config[0].maximum_concurrency == 10,
      aws_lambda_function.flatten.reserved_concurrent_executions == 10,
    ])
    error_message = "One bad document would bring its whole batch back."
  }
  assert {
    condition = alltrue([
      aws_lambda_function.flatten.s3_key == "releases/0.1.0/lambdas/flatten_json-arm64.zip",
      aws_lambda_function.flatten.architectures == tolist(["arm64"]),
      aws_lambda_function.flatten.handler == "handler.handle",
    ])
    error_message = aws_lambda_function.flatten.s3_key
  }
  assert {
    condition     = aws_sqs_queue.dead.message_retention_seconds > aws_sqs_queue.incoming.message_retention_seconds
    error_message = "A dead letter keeps its age: it would vanish at once."
  }
}

run "three_tries_then_the_dead_letters" {
  command = apply

  assert {
    condition     = jsondecode(aws_sqs_queue.incoming.redrive_policy).maxReceiveCount == 3
    error_message = aws_sqs_queue.incoming.redrive_policy
  }
}

run "the_function_reads_documents_and_writes_the_folders_of_its_datasets_and_no_other" {
  command = plan

  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.flatten.policy).Statement : s.Sid => s.Resource
      if contains(["ReadDocuments", "WriteStaging"], s.Sid)
      } == {
      ReadDocuments = ["arn:aws:s3:::test-staging/incoming/*"]
      WriteStaging  = ["arn:aws:s3:::test-staging/staging/clicks/*", "arn:aws:s3:::test-staging/staging/shop/scans/*"]
    }
    error_message = aws_iam_role_policy.flatten.policy
  }
  assert {
    condition = length([
      for action in flatten([for s in jsondecode(aws_iam_role_policy.flatten.policy).Statement : s.Action]) : action
      if startswith(action, "glue:") || startswith(action, "xray:") || startswith(action, "s3:Delete")
    ]) == 0
    error_message = aws_iam_role_policy.flatten.policy
  }
}

run "an_upgrade_keeps_the_former_rules_and_their_right_to_send" {
  command = plan

  variables {
    former_rules = true
  }

  assert {
    condition = {
      for dataset, rule in aws_cloudwatch_event_rule.landed : dataset => jsondecode(rule.event_pattern).detail.object.key[0].prefix
    } == { clicks = "staging/clicks/", scans = "staging/shop/scans/" }
    error_message = jsonencode(values(aws_cloudwatch_event_rule.landed)[*].event_pattern)
  }
  assert {
    condition     = strcontains(aws_sqs_queue.landed.policy, ":rule/test-landed-*")
    error_message = aws_sqs_queue.landed.policy
  }
}

run "what_lands_leaves_a_hint_and_a_tick_looks_for_it" {
  command = plan

  assert {
    condition = alltrue([
      length(aws_cloudwatch_event_rule.landed) == 0,
      jsondecode(aws_sqs_queue.landed.policy).Statement[*].Effect == ["Deny"],
    ])
    error_message = "Only route-arrivals puts hints: ${aws_sqs_queue.landed.policy}."
  }
  assert {
    condition = alltrue([
      aws_scheduler_schedule.crawl.schedule_expression == "cron(0/5 * * * ? *)",
      jsondecode(aws_scheduler_schedule.crawl.target[0].input) == {
        dataset   = "crawl-events"
        pipeline  = "arn:aws:states:eu-west-1:123456789012:stateMachine:test-crawl-events"
        queue     = "https://sqs.eu-west-1.amazonaws.com/123456789012/test-landed"
        scheduled = "<aws.scheduler.scheduled-time>"
      },
      strcontains(aws_scheduler_schedule.crawl.target[0].input, "<aws.scheduler.scheduled-time>"),
    ])
    error_message = aws_scheduler_schedule.crawl.target[0].input
  }
  assert {
    condition = [for target in aws_glue_crawler.events.s3_target : target.path] == [
      "s3://test-staging/staging/clicks/", "s3://test-staging/staging/shop/scans/",
    ]
    error_message = jsonencode(aws_glue_crawler.events.s3_target)
  }
  assert {
    condition     = aws_glue_crawler.events.database_name == "staging_db"
    error_message = "Nothing of the event path writes to the published tables."
  }
}

run "x_ray_is_a_word_of_the_environment" {
  command = plan

  variables {
    function = { trace = true, architecture = "x86_64", reserve = false }
  }

  assert {
    condition = alltrue([
      aws_lambda_function.flatten.tracing_config[0].mode == "Active",
      strcontains(aws_iam_role_policy.flatten.policy, "xray:PutTraceSegments"),
      aws_lambda_function.flatten.reserved_concurrent_executions == -1,
      endswith(aws_lambda_function.flatten.s3_key, "flatten_json-x86_64.zip"),
    ])
    error_message = aws_iam_role_policy.flatten.policy
  }
}

run "an_architecture_that_no_release_has_is_refused" {
  command = plan

  variables {
    function = { architecture = "riscv" }
  }

  expect_failures = [var.function]
}

run "a_path_that_is_no_folder_is_refused" {
  command = plan

  variables {
    contracts = { clicks = { file = "clicks.yaml", tags = {}, prefix = "clicks" } }
  }

  expect_failures = [var.contracts]
}

run "too_many_datasets_for_one_policy_are_refused" {
  command = plan

  variables {
    contracts = { for n in range(200) : "dataset_${n}" => { file = "d.yaml", tags = {}, prefix = "a/long/path/to/dataset_${n}/" } }
  }

  expect_failures = [aws_iam_role_policy.flatten]
}

run "a_view_types_the_raw_rows" {
  command = plan

  assert {
    condition     = keys(aws_glue_catalog_table.typed) == ["clicks", "scans"]
    error_message = join(", ", keys(aws_glue_catalog_table.typed))
  }
  assert {
    condition = join(" ", [
      for view in [aws_glue_catalog_table.typed["clicks"]] : jsondecode(base64decode(split(" ", view.view_original_text)[3])).originalSql
      ]) == join(" ", [
      "SELECT TRY_CAST(\"id\" AS integer) AS \"id\", \"what\", TRY_CAST(\"price\" AS decimal(12,2)) AS \"price\",",
      "TRY_CAST(\"day\" AS date) AS \"day\",",
      "COALESCE(TRY_CAST(\"at\" AS timestamp(3)), CAST(COALESCE(TRY(from_iso8601_timestamp(\"at\")), CASE",
      "WHEN regexp_like(\"at\", '^-?[0-9]{9,10}$') THEN from_unixtime(TRY_CAST(\"at\" AS bigint))",
      "WHEN regexp_like(\"at\", '^-?[0-9]{12,13}$') THEN from_unixtime(TRY_CAST(\"at\" AS bigint) / 1e3)",
      "END) AT TIME ZONE 'UTC' AS timestamp(3))) AS \"at\", \"tags\", \"_document\"",
      "FROM \"staging_db\".\"tbl_clicks\"",
    ])
    error_message = base64decode(split(" ", aws_glue_catalog_table.typed["clicks"].view_original_text)[3])
  }
  assert {
    condition = join(", ", [
      for c in aws_glue_catalog_table.typed["clicks"].storage_descriptor[0].columns : "${c.name} ${c.type}"
      ]) == join(", ", [
      "id int", "what string", "price decimal(12,2)", "day date", "at timestamp", "tags string", "_document string",
    ])
    error_message = "The catalog's columns are not those of the view."
  }
}
