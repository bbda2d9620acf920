mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site                  = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  kms_key_arn           = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  warehouse_bucket      = "test-warehouse"
  notices_arn           = "arn:aws:sns:eu-west-1:123456789012:test-notices"
  undelivered_queue     = "test-undelivered"
  admit                 = "test-admit"
  route                 = "test-route-arrivals"
  workgroup             = "test"
  schedule_group        = "test"
  notify_emails         = ["ops@example.org"]
  monthly_budget_usd    = 50
  athena_daily_limit_gb = 100
  log_retention_days    = 30
  contracts = {
    orders  = { step = "refine", freshness_hours = 24, owner = "shop@example.org" }
    visits  = { step = "refine", freshness_hours = null, owner = "web@example.org" }
    revenue = { step = "build_mart", freshness_hours = null, owner = "shop@example.org" }
  }
}

run "alarms_are_few_and_each_names_its_page" {
  command = plan

  assert {
    condition = keys(aws_cloudwatch_metric_alarm.guard) == [
      "arrivals-wait", "athena-scan", "athena-scan-engineers", "build_mart-failed", "build_mart-gate-closed", "late", "looks",
      "maintain-failed", "refine-failed", "refine-gate-closed", "routes", "ticks", "undelivered",
    ]
    error_message = jsonencode(keys(aws_cloudwatch_metric_alarm.guard))
  }
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.guard : can(regex("docs/RUNBOOK[.]md#[a-z-]+$", alarm.alarm_description))
    ])
    error_message = jsonencode([for alarm in aws_cloudwatch_metric_alarm.guard : alarm.alarm_description])
  }
}

run "only_contracts_with_a_freshness_are_looked_at" {
  command = apply

  assert {
    condition = { for name, late in aws_scheduler_schedule.late : name => jsondecode(late.target[0].input) } == {
      orders = { dataset = "orders", hours = 24, owner = "shop@example.org" }
    }
    error_message = jsonencode({ for name, late in aws_scheduler_schedule.late : name => late.target[0].input })
  }
}

run "the_budget_alerts_four_times" {
  command = apply

  assert {
    condition     = aws_budgets_budget.month.limit_amount == "50" && length(aws_budgets_budget.month.notification) == 4
    error_message = jsonencode(aws_budgets_budget.month.notification)
  }
}

run "a_budget_of_nothing_is_refused" {
  command = plan

  variables {
    monthly_budget_usd = 0
  }

  expect_failures = [var.monthly_budget_usd]
}

run "a_daily_limit_of_nothing_is_refused" {
  command = plan

  variables {
    athena_daily_limit_gb = 0
  }

  expect_failures = [var.athena_daily_limit_gb]
}

run "owners_are_told_only_if_the_lake_wants_it" {
  command = plan

  assert {
    condition     = length(aws_sns_topic_subscription.owner) == 0
    error_message = jsonencode(keys(aws_sns_topic_subscription.owner))
  }
}

run "owners_of_datasets_with_a_freshness_are_told_of_their_own" {
  command = plan

  variables {
    notify_owners = true
    contracts = {
      orders   = { step = "refine", freshness_hours = 24, owner = "shop@example.org" }
      returns  = { step = "refine", freshness_hours = 24, owner = "shop@example.org" }
      visits   = { step = "refine", freshness_hours = null, owner = "web@example.org" }
      machines = { step = "refine", freshness_hours = 24, owner = "The machine team" }
      errors   = { step = "refine", freshness_hours = 24, owner = "ops@example.org" }
    }
  }

  assert {
    condition = { for owner, told in aws_sns_topic_subscription.owner : owner => jsondecode(told.filter_policy) } == {
      "shop@example.org" = { outcome = ["late"], owner = ["shop@example.org"] }
    }
    error_message = jsonencode({ for owner, told in aws_sns_topic_subscription.owner : owner => told.filter_policy })
  }
}

run "events_go_to_the_topic_of_alarms_and_nowhere_else" {
  command = apply

  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.failed : target.arn == aws_sns_topic.alerts.arn])
    error_message = jsonencode([for target in aws_cloudwatch_event_target.failed : target.arn])
  }
  assert {
    condition = alltrue([
      for target in aws_cloudwatch_event_target.failed : endswith(target.dead_letter_config[0].arn, ":test-undelivered")
    ])
    error_message = jsonencode([for target in aws_cloudwatch_event_target.failed : target.dead_letter_config])
  }
}
