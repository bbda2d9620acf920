# A few alarms per step, however many datasets there are: AWS bills an alarm each month, but a metric only while it is sent.
# The run's notice and the dashboard show which dataset it was. Each description names its section of the runbook.

locals {
  _steps = toset([for c in var.contracts : c.step])

  _alarms = merge(
    { for step in setunion(local._steps, ["maintain"]) : "${step}-failed" => {
      page      = "job-failed", text = "A ${step} job failed."
      namespace = "Headgate", metric = "Runs", dimensions = { Lake = var.site.name, Step = step, Outcome = "failed" }
      statistic = "Sum", period = 300, threshold = 1
    } },
    { for step in local._steps : "${step}-gate-closed" => {
      page      = "gate-closed", text = "A ${step} job closed its gate; readers see the previous data."
      namespace = "Headgate", metric = "Runs", dimensions = { Lake = var.site.name, Step = step, Outcome = "closed" }
      statistic = "Sum", period = 300, threshold = 1
    } },
    {
      late = {
        page      = "late-data", text = "A dataset is older than its contract's freshness_hours."
        namespace = "Headgate", metric = "Late", dimensions = { Lake = var.site.name }
        statistic = "Sum", period = 3600, threshold = 1
      }
      arrivals-wait = {
        page      = "queue-age", text = "Arrivals have waited ${var.wait_limit_min} minutes for a run to end."
        namespace = "Headgate", metric = "ArrivalsWaitMinutes", dimensions = { Lake = var.site.name }
        statistic = "Maximum", period = 900, threshold = var.wait_limit_min
      }
      undelivered = {
        page      = "dead-letters", text = "Something could not be delivered: a hint of an arrival, or a schedule's tick."
        namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = var.undelivered_queue }
        statistic = "Maximum", period = 300, threshold = 1
      }
      ticks = {
        page      = "ticks-fail", text = "The machine that starts pipelines failed."
        namespace = "AWS/States", metric = "ExecutionsFailed", dimensions = { StateMachineArn = "${local._machine}:${var.admit}" }
        statistic = "Sum", period = 900, threshold = 3
      }
      routes = {
        page      = "routes-fail", text = "A hint of an arrival got neither into its queue nor among the dead letters."
        namespace = "AWS/States", metric = "ExecutionsFailed", dimensions = { StateMachineArn = "${local._machine}:${var.route}" }
        statistic = "Sum", period = 300, threshold = 1
      }
      looks = {
        page      = "looks-fail", text = "The hourly look for late data failed, so a late dataset may go unnoticed."
        namespace = "AWS/States", metric = "ExecutionsFailed", dimensions = { StateMachineArn = "${local._machine}:${var.site.name}-late" }
        statistic = "Sum", period = 3600, threshold = 1
      }
    },
    { for end in ["", "-engineers"] : "athena-scan${end}" => {
      page       = "athena-scan", text = "Queries in ${var.workgroup}${end} have read more than ${var.athena_daily_limit_gb} GB in a day."
      namespace  = "AWS/Athena", metric = "ProcessedBytes"
      dimensions = { WorkGroup = "${var.workgroup}${end}", QueryState = "SUCCEEDED", QueryType = "DML" }
      statistic  = "Sum", period = 86400, threshold = var.athena_daily_limit_gb * 1024 * 1024 * 1024
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "guard" {
  for_each = local._alarms

  alarm_name          = "${var.site.name}-${each.key}"
  alarm_description   = "${each.value.text} What to do: docs/RUNBOOK.md#${each.value.page}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  threshold           = each.value.threshold
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
}

resource "aws_sns_topic" "alerts" {
  name              = "${var.site.name}-alerts"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AlarmsAndBudgetMayTell"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] }
        Action    = ["sns:Publish"]
        Resource  = ["arn:${var.site.partition}:sns:${var.site.region}:${var.site.account_id}:${var.site.name}-alerts"]
        Condition = { StringEquals = { "aws:SourceAccount" = var.site.account_id } }
      },
      {
        # EventBridge supports no conditions in topics' policies ("Amazon SNS permissions" in its user guide): it may not send the
        # account. So the account must match only if it is sent.
        Sid       = "RulesMayTell"
        Effect    = "Allow"
        Principal = { Service = ["events.amazonaws.com"] }
        Action    = ["sns:Publish"]
        Resource  = ["arn:${var.site.partition}:sns:${var.site.region}:${var.site.account_id}:${var.site.name}-alerts"]
        Condition = { StringEqualsIfExists = { "aws:SourceAccount" = var.site.account_id } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "people" {
  for_each = toset(var.notify_emails)

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}

# The budget counts the whole account's cost: a filter by tag would see nothing until the payer activates the tag.
resource "aws_budgets_budget" "month" {
  name         = var.site.name
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = { "50" = "ACTUAL", "80" = "ACTUAL", "100" = "ACTUAL", "100.0" = "FORECASTED" }

    content {
      comparison_operator       = "GREATER_THAN"
      threshold                 = tonumber(notification.key)
      threshold_type            = "PERCENTAGE"
      notification_type         = notification.value
      subscriber_sns_topic_arns = [aws_sns_topic.alerts.arn]
    }
  }

  depends_on = [aws_sns_topic_policy.alerts]
}
