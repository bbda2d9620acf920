mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site                  = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  kms_key_arn           = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  warehouse_bucket      = "test-warehouse"
  undelivered_queue     = "test-undelivered"
  admit                 = "test-admit"
  workgroup             = "test"
  schedule_group        = "test"
  notify_emails         = ["ops@example.org"]
  monthly_budget_usd    = 50
  athena_daily_limit_gb = 100
  log_retention_days    = 30
  contracts = {
    orders  = { step = "refine", freshness_hours = 24 }
    visits  = { step = "refine", freshness_hours = null }
    revenue = { step = "build_mart", freshness_hours = null }
  }
}

run "alarms_are_few_and_each_names_its_page" {
  command = plan

  assert {
    condition = keys(aws_cloudwatch_metric_alarm.guard) == [
      "arrivals-wait", "athena-scan", "build_mart-failed", "build_mart-gate-closed", "late", "maintain-failed", "refine-failed",
      "refine-gate-closed", "ticks", "undelivered",
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
      orders = { dataset = "orders", hours = 24 }
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
