# Each alarm's description names its section of the runbook.

locals {
  _alarms = {
    dead-documents = {
      page      = "dead-documents", text = "A document could not be flattened in three tries."
      namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = "${var.site.name}-incoming-dead" }
      statistic = "Maximum", period = 300, threshold = 1
    }
    documents-wait = {
      page      = "documents-wait", text = "A document has waited ${var.wait_limit_min} minutes to be flattened."
      namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = "${var.site.name}-incoming" }
      statistic = "Maximum", period = 300, threshold = 60 * var.wait_limit_min
    }
    flatten-failed = {
      page      = "flatten-failed", text = "The function that flattens documents failed as a whole."
      namespace = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = local._name }
      statistic = "Sum", period = 300, threshold = 1
    }
    flatten-throttled = {
      page      = "documents-wait", text = "AWS did not let the function start."
      namespace = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = local._name }
      statistic = "Sum", period = 900, threshold = 10
    }
    crawl-failed = {
      page      = "crawl-failed", text = "Landed documents could not be registered."
      namespace = "AWS/States", metric = "ExecutionsFailed"
      statistic = "Sum", period = 900, threshold = 1
      dimensions = {
        StateMachineArn = "${local._arn}:states:${local._here}:stateMachine:${local._machine}"
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "events" {
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
  alarm_actions       = [var.alerts_topic_arn]
}
