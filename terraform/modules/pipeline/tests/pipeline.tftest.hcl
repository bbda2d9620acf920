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

run "arrivals_have_a_queue_a_tick_and_one_rule_for_all" {
  command = plan

  assert {
    condition     = keys(aws_sqs_queue.arrivals) == ["orders", "visits"] && length(aws_cloudwatch_event_rule.arrival) == 0
    error_message = "Queues ${jsonencode(keys(aws_sqs_queue.arrivals))}."
  }
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.arrivals.event_pattern).detail == {
      bucket = { name = ["test-staging"] }
      object = { key = [{ prefix = "staging/" }], size = [{ numeric = [">", 0] }] }
    }
    error_message = aws_cloudwatch_event_rule.arrivals.event_pattern
  }
  assert {
    condition     = aws_cloudwatch_event_rule.arrivals.state == "ENABLED"
    error_message = "The rule is ${aws_cloudwatch_event_rule.arrivals.state}."
  }
  assert {
    condition = jsonencode(local._routes) == jsonencode({
      "orders/" = { arrivals-orders = "*" }
      "visits/" = { arrivals-visits = "*" }
    })
    error_message = jsonencode(local._routes)
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

run "a_path_is_found_by_its_folder_and_the_rest_of_it" {
  command = plan

  variables {
    after = {}
    jobs  = { for dataset in ["all", "clicks", "daily", "one", "orders", "scans", "shop"] : dataset => "test-refine-${dataset}" }
    contracts = {
      one    = { file = "one.yaml", tags = {}, is_mart = false, prefix = "shop/one.csv", refine = "arrival" }
      orders = { file = "orders.yaml", tags = {}, is_mart = false, prefix = "shop/orders/", refine = "arrival" }
      shop   = { file = "shop.yaml", tags = {}, is_mart = false, prefix = "shop/", refine = "arrival" }
      all    = { file = "all.yaml", tags = {}, is_mart = false, prefix = "", refine = "arrival" }
      daily  = { file = "daily.yaml", tags = {}, is_mart = false, prefix = "daily/", refine = "daily 05:30 UTC" }
      clicks = { file = "clicks.yaml", tags = {}, is_mart = false, prefix = "clicks/", refine = "weekly", incoming = "incoming/clicks/" }
      scans  = { file = "scans.yaml", tags = {}, is_mart = false, prefix = "scans/", refine = "arrival", incoming = "incoming/scans/" }
    }
  }

  assert {
    condition = jsonencode(local._routes) == jsonencode({
      ""             = { arrivals-all = "*" }
      "clicks/"      = { landed = "*" }
      "scans/"       = { arrivals-scans = "*", landed = "*" }
      "shop/"        = { arrivals-one = "one.csv*", arrivals-shop = "*" }
      "shop/orders/" = { arrivals-orders = "*" }
    })
    error_message = jsonencode(local._routes)
  }
}

run "without_a_dataset_on_arrival_no_object_starts_anything" {
  command = plan

  variables {
    jobs      = { slow = "test-refine-slow" }
    contracts = { slow = { file = "slow.yaml", tags = {}, is_mart = false, prefix = "slow/", refine = "weekly" } }
  }

  assert {
    condition     = aws_cloudwatch_event_rule.arrivals.state == "DISABLED"
    error_message = "The rule is ${aws_cloudwatch_event_rule.arrivals.state}, and each object costs an execution."
  }
}

run "only_the_machine_that_routes_puts_hints_into_the_queues" {
  command = apply

  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.route.policy).Statement : s.Sid => s.Resource if s.Action == ["sqs:SendMessage"]
      } == {
      GiveUp   = ["arn:aws:sqs:eu-west-1:123456789012:test-undelivered"]
      PutHints = ["arn:aws:sqs:eu-west-1:123456789012:test-arrivals-*", "arn:aws:sqs:eu-west-1:123456789012:test-landed"]
    }
    error_message = aws_iam_role_policy.route.policy
  }
  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.arrival.policy).Statement : [s.Action, s.Resource]] == [
      [["states:StartExecution"], ["arn:aws:states:eu-west-1:123456789012:stateMachine:test-route-arrivals"]],
    ]
    error_message = aws_iam_role_policy.arrival.policy
  }
  assert {
    condition     = alltrue([for queue in aws_sqs_queue.arrivals : jsondecode(queue.policy).Statement[*].Effect == ["Deny"]])
    error_message = jsonencode(values(aws_sqs_queue.arrivals)[*].policy)
  }
  assert {
    condition = jsondecode(aws_sqs_queue.undelivered.policy).Statement[0].Condition.ArnLike["aws:SourceArn"] == [
      for rule in ["arrivals", "failed-*", "incoming"] : "arn:aws:events:eu-west-1:123456789012:rule/test-${rule}"
    ]
    error_message = aws_sqs_queue.undelivered.policy
  }
  assert {
    condition     = aws_cloudwatch_event_target.arrivals.role_arn == aws_iam_role.arrival.arn
    error_message = "EventBridge starts a machine only with a role."
  }
}

run "an_upgrade_keeps_the_former_rules_and_their_right_to_send" {
  command = apply

  variables {
    former_rules = true
  }

  assert {
    condition = { for dataset, rule in aws_cloudwatch_event_rule.arrival : dataset => [
      rule.name, jsondecode(rule.event_pattern).detail.object.key[0].prefix, aws_cloudwatch_event_target.arrival[dataset].arn,
      ] } == {
      orders = ["test-arrival-orders", "staging/orders/", aws_sqs_queue.arrivals["orders"].arn]
      visits = ["test-arrival-visits", "staging/visits/", aws_sqs_queue.arrivals["visits"].arn]
    }
    error_message = jsonencode(aws_cloudwatch_event_rule.arrival)
  }
  assert {
    condition = jsondecode(aws_sqs_queue.arrivals["orders"].policy).Statement[0].Condition.ArnLike["aws:SourceArn"] == [
      "arn:aws:events:eu-west-1:123456789012:rule/test-arrival-orders",
    ]
    error_message = aws_sqs_queue.arrivals["orders"].policy
  }
  assert {
    condition = alltrue([for kind in ["arrival-*", "landed-*"] :
      strcontains(aws_sqs_queue.undelivered.policy, "arn:aws:events:eu-west-1:123456789012:rule/test-${kind}")
    ])
    error_message = aws_sqs_queue.undelivered.policy
  }
  assert {
    condition     = aws_cloudwatch_event_rule.arrivals.state == "ENABLED"
    error_message = "The one rule must deliver before the former rules go."
  }
}

run "paths_that_no_variable_of_step_functions_holds_are_refused" {
  command = plan

  variables {
    jobs = { for i in range(3) : "dataset_${i}" => "test-refine-dataset_${i}" }
    contracts = { for i in range(3) : "dataset_${i}" => {
      file   = "dataset_${i}.yaml", tags = {}, is_mart = false, refine = "arrival"
      prefix = "${join("", [for j in range(1000) : join("", [for k in range(9) : "a_long_way"])])}/${i}/"
    } }
  }

  expect_failures = [aws_sfn_state_machine.route]
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
