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
  crawlers           = { visits = { name = "test-parquet-daily", hours = 24 } }
  jobs               = { orders = "test-refine-orders", customers = "test-refine-customers", visits = "test-refine-visits", revenue = "test-build_mart-revenue", best = "test-build_mart-best", slow = "test-build_mart-slow" }
  maintain_jobs      = { orders = "test-maintain-orders", revenue = "test-maintain-revenue" }
  contracts = {
    orders    = { file = "orders.yaml", domain = "shop", owner = "o", is_mart = false, prefix = "orders/", refine = "arrival" }
    customers = { file = "customers.yaml", domain = "shop", owner = "o", is_mart = false, prefix = "crm/", refine = "daily 05:30 UTC" }
    visits    = { file = "visits.yaml", domain = "shop", owner = "o", is_mart = false, prefix = "visits/", refine = "arrival" }
    revenue   = { file = "revenue.yaml", domain = "shop", owner = "o", is_mart = true, prefix = "revenue/", refine = "arrival" }
    best      = { file = "best.yaml", domain = "shop", owner = "o", is_mart = true, prefix = "best/", refine = "arrival" }
    slow      = { file = "slow.yaml", domain = "shop", owner = "o", is_mart = true, prefix = "slow/", refine = "weekly" }
  }
}

run "arrivals_have_a_rule_a_queue_and_a_tick" {
  command = plan

  assert {
    condition     = jsonencode(keys(aws_cloudwatch_event_rule.arrival)) == jsonencode(["orders", "visits"]) && jsonencode(keys(aws_sqs_queue.arrivals)) == jsonencode(["orders", "visits"])
    error_message = "Rules ${jsonencode(keys(aws_cloudwatch_event_rule.arrival))}."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.arrival["orders"].event_pattern).detail.object.key[0].prefix == "staging/orders/"
    error_message = aws_cloudwatch_event_rule.arrival["orders"].event_pattern
  }
  assert {
    condition     = aws_scheduler_schedule.tick["orders"].schedule_expression == "cron(0/5 * * * ? *)" && aws_scheduler_schedule.tick["customers"].schedule_expression == "cron(30 5 * * ? *)" && aws_scheduler_schedule.tick["slow"].schedule_expression == "cron(0 4 ? * MON *)"
    error_message = jsonencode({ for name, tick in aws_scheduler_schedule.tick : name => tick.schedule_expression })
  }
  assert {
    condition     = !contains(keys(aws_sfn_state_machine.pipeline), "revenue") && contains(keys(aws_sfn_state_machine.pipeline), "slow")
    error_message = "A mart on arrival is built by what it reads; one with a schedule has its own machine."
  }
}

run "every_table_is_maintained_weekly_by_a_machine_that_all_share" {
  command = apply

  assert {
    condition     = jsonencode([for one in aws_scheduler_schedule.maintain : [one.name, one.schedule_expression, jsondecode(one.target[0].input)]]) == jsonencode([["_maintain-orders", "cron(0 6 ? * MON *)", { dataset = "orders", job = "test-maintain-orders" }], ["_maintain-revenue", "cron(0 6 ? * MON *)", { dataset = "revenue", job = "test-maintain-revenue" }]])
    error_message = jsonencode([for one in aws_scheduler_schedule.maintain : [one.name, one.schedule_expression, jsondecode(one.target[0].input)]])
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.tick.policy, ":stateMachine:test-maintain")
    error_message = aws_iam_role_policy.tick.policy
  }
}

run "a_dataset_may_not_have_the_name_of_a_machine_of_the_lake" {
  command = plan

  variables {
    contracts = { late = { file = "late.yaml", domain = "shop", owner = "a@example.org", is_mart = false, prefix = "late/", refine = "arrival" } }
  }

  expect_failures = [var.contracts]
}

run "a_tick_carries_the_time_that_names_the_execution" {
  command = apply

  assert {
    condition     = strcontains(aws_scheduler_schedule.tick["orders"].target[0].input, "<aws.scheduler.scheduled-time>")
    error_message = "Scheduler must see its own word: ${aws_scheduler_schedule.tick["orders"].target[0].input}."
  }
}

run "marts_follow_in_order_and_a_crawl_where_wanted" {
  command = plan

  assert {
    condition     = local.definitions["orders"].States["How it went: Refine"].Choices[0].Next == "Before: Build revenue" && local.definitions["orders"].States["How it went: Build revenue"].Choices[0].Next == "Before: Build best"
    error_message = jsonencode(local.definitions["orders"])
  }
  assert {
    condition     = local.definitions["visits"].States["How it went: Refine"].Choices[0].Next == "Look at the crawler" && !contains(keys(local.definitions["orders"].States), "Crawl")
    error_message = jsonencode(local.definitions["visits"])
  }
  assert {
    condition     = local.definitions["customers"].States.Begin.Next == "Prepare Refine" && local.definitions["orders"].States.Begin.Next == "Forget arrivals"
    error_message = "Only arrivals have hints to forget."
  }
}

run "a_closed_gate_is_never_tried_again" {
  command = plan

  assert {
    condition     = local.definitions["orders"].States["Why: Refine"].Choices[0].Condition == "{% $contains($cause, 'GateClosed:') %}" && local.definitions["orders"].States["Why: Refine"].Choices[0].Next == "Keep the report: Refine"
    error_message = jsonencode(local.definitions["orders"].States["Why: Refine"])
  }
  assert {
    condition     = !contains(flatten([for retry in local.definitions["orders"].States["Refine"].Retry : retry.ErrorEquals]), "States.TaskFailed") && !contains(flatten([for retry in local.definitions["orders"].States["Refine"].Retry : retry.ErrorEquals]), "States.ALL")
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
    site = { name = "a-lake-with-a-name-that-is-too-long-for-its-rules", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  }

  expect_failures = [var.contracts]
}
