mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site               = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  kms_key_arn        = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  buckets            = { staging = "test-staging", reports = "test-reports" }
  window_min         = 5
  weekly             = { minute = 0, hour = 4, day = "MON" }
  notify_emails      = ["ops@example.org"]
  log_retention_days = 30
  after              = { orders = ["revenue", "best"], customers = [], visits = [] }
  reads              = { revenue = ["orders", "customers"], best = ["revenue"], slow = ["visits"] }
  catalog            = { database = "data_warehouse_db", prefix = "tbl_" }
  jobs = {
    orders    = "test-refine-orders"
    customers = "test-refine-customers"
    visits    = "test-refine-visits"
    revenue   = "test-build_mart-revenue"
    best      = "test-build_mart-best"
    slow      = "test-build_mart-slow"
  }
  maintain_jobs = { orders = "test-maintain-orders", revenue = "test-maintain-revenue" }
  contracts = {
    orders    = { file = "orders.yaml", tags = {}, is_mart = false, prefix = "orders/", refine = "arrival" }
    customers = { file = "customers.yaml", tags = {}, is_mart = false, prefix = "crm/", refine = "daily 05:30 UTC" }
    visits    = { file = "visits.yaml", tags = {}, is_mart = false, prefix = "visits/", refine = "arrival" }
    revenue   = { file = "revenue.yaml", tags = {}, is_mart = true, prefix = "revenue/", refine = "arrival" }
    best      = { file = "best.yaml", tags = {}, is_mart = true, prefix = "best/", refine = "arrival" }
    slow      = { file = "slow.yaml", tags = {}, is_mart = true, prefix = "slow/", refine = "weekly" }
  }
}

run "arrivals_have_a_rule_a_queue_and_a_tick" {
  command = plan

  assert {
    condition     = keys(aws_cloudwatch_event_rule.arrival) == ["orders", "visits"] && keys(aws_sqs_queue.arrivals) == ["orders", "visits"]
    error_message = "Rules ${jsonencode(keys(aws_cloudwatch_event_rule.arrival))}."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.arrival["orders"].event_pattern).detail.object.key[0].prefix == "staging/orders/"
    error_message = aws_cloudwatch_event_rule.arrival["orders"].event_pattern
  }
  assert {
    condition = { for name, tick in aws_scheduler_schedule.tick : name => tick.schedule_expression } == {
      customers = "cron(30 5 * * ? *)"
      orders    = "cron(0/5 * * * ? *)"
      slow      = "cron(0 4 ? * MON *)"
      visits    = "cron(0/5 * * * ? *)"
    }
    error_message = jsonencode({ for name, tick in aws_scheduler_schedule.tick : name => tick.schedule_expression })
  }
  assert {
    condition     = !contains(keys(aws_sfn_state_machine.pipeline), "revenue") && contains(keys(aws_sfn_state_machine.pipeline), "slow")
    error_message = "The pipelines of its sources build a mart on arrival; a mart with a schedule has its own state machine."
  }
}

run "every_table_is_maintained_weekly_by_a_machine_that_all_share" {
  command = apply

  assert {
    condition     = jsonencode(values(aws_scheduler_schedule.maintain)[*].name) == jsonencode(["_maintain-orders", "_maintain-revenue"])
    error_message = jsonencode(values(aws_scheduler_schedule.maintain)[*].name)
  }
  assert {
    condition     = distinct(values(aws_scheduler_schedule.maintain)[*].schedule_expression) == tolist(["cron(0 6 ? * MON *)"])
    error_message = jsonencode(values(aws_scheduler_schedule.maintain)[*].schedule_expression)
  }
  assert {
    condition = jsonencode([for schedule in aws_scheduler_schedule.maintain : jsondecode(schedule.target[0].input)]) == jsonencode([
      { dataset = "orders", job = "test-maintain-orders" },
      { dataset = "revenue", job = "test-maintain-revenue" },
    ])
    error_message = jsonencode([for schedule in aws_scheduler_schedule.maintain : schedule.target[0].input])
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.tick.policy, ":stateMachine:test-maintain")
    error_message = aws_iam_role_policy.tick.policy
  }
}

run "a_dataset_may_not_have_the_name_of_a_machine_of_the_lake" {
  command = plan

  variables {
    contracts = { late = { file = "late.yaml", tags = {}, is_mart = false, prefix = "late/", refine = "arrival" } }
  }

  expect_failures = [var.contracts]
}

run "a_tick_carries_the_time_that_names_the_execution" {
  command = apply

  assert {
    condition     = strcontains(aws_scheduler_schedule.tick["orders"].target[0].input, "<aws.scheduler.scheduled-time>")
    error_message = "Scheduler must recognise its placeholder: ${aws_scheduler_schedule.tick["orders"].target[0].input}."
  }
}

run "marts_follow_in_order" {
  command = plan

  assert {
    condition = [for step in ["Refine", "Build revenue"] : local.definitions["orders"].States["How it went: ${step}"].Choices[0].Next] == [
      "Before: Build revenue", "Before: Build best",
    ]
    error_message = jsonencode(local.definitions["orders"])
  }
  assert {
    condition     = local.definitions["visits"].States["How it went: Refine"].Choices[0].Next == "All went well"
    error_message = jsonencode(local.definitions["visits"])
  }
  assert {
    condition = [for dataset in ["customers", "orders"] : local.definitions[dataset].States.Begin.Next] == [
      "Prepare Refine", "Forget arrivals",
    ]
    error_message = "Only datasets on arrival have hints to remove."
  }
}

run "a_closed_gate_is_never_tried_again" {
  command = plan

  assert {
    condition = [for key in ["Condition", "Next"] : local.definitions["orders"].States["Why: Refine"].Choices[0][key]] == [
      "{% $contains($cause, 'GateClosed:') %}", "Keep the report: Refine",
    ]
    error_message = jsonencode(local.definitions["orders"].States["Why: Refine"])
  }
  assert {
    condition = length(setintersection(
      flatten([for retry in local.definitions["orders"].States["Refine"].Retry : retry.ErrorEquals]),
      ["States.TaskFailed", "States.ALL"],
    )) == 0
    error_message = jsonencode(local.definitions["orders"].States["Refine"].Retry)
  }
}

run "a_window_that_divides_no_hour_is_refused" {
  command = plan

  variables {
    window_min = 7
  }

  expect_failures = [var.window_min]
}

run "a_day_that_is_none_is_refused" {
  command = plan

  variables {
    weekly = { minute = 0, hour = 4, day = "Monday" }
  }

  expect_failures = [var.weekly]
}

run "a_rule_name_that_is_too_long_is_refused" {
  command = plan

  variables {
    site = {
      name       = "a-lake-with-a-name-that-is-too-long-for-its-rules"
      partition  = "aws"
      region     = "eu-west-1"
      account_id = "123456789012"
    }
  }

  expect_failures = [var.contracts]
}
