# One schedule per dataset: for datasets on arrival it ticks once per window, for others at the contract's time. Each tick
# starts the express machine `admit`. `admit` starts the dataset's pipeline under the name <dataset>-<window>, unless nothing
# is new or an execution is running. Step Functions refuses a second execution of the same name, so a repeated tick does
# nothing.

locals {
  # Hour and minute of `daily HH:MM UTC`.
  _daily = { for dataset, c in local._pipelines : dataset => try(regex("^daily ([0-9]{2}):([0-9]{2})", c.refine), ["0", "0"]) }

  _cron = { for dataset, c in local._pipelines : dataset => (
    c.refine == "arrival" ? "cron(0/${var.window_min} * * * ? *)" :
    c.refine == "weekly" ? "cron(${var.weekly.minute} ${var.weekly.hour} ? * ${var.weekly.day} *)" :
    "cron(${tonumber(local._daily[dataset][1])} ${tonumber(local._daily[dataset][0])} * * ? *)"
  ) }

  _states  = "arn:${var.site.partition}:states:${var.site.region}:${var.site.account_id}:stateMachine"
  _machine = "${local._states}:${var.site.name}"
  # Reading the machine's name, and not only composing it, makes the schedule wait for the machine.
  _pipe_arn = { for dataset, machine in aws_sfn_state_machine.pipeline : dataset => "${local._states}:${machine.name}" }

  _domain    = var.site.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"
  _queue_at  = "https://sqs.${var.site.region}.${local._domain}/${var.site.account_id}/${var.site.name}-arrivals"
  _queue_url = { for dataset in keys(local._by_arrival) : dataset => "${local._queue_at}-${dataset}" }
}

resource "aws_scheduler_schedule_group" "ticks" {
  name = var.site.name
}

resource "aws_scheduler_schedule" "tick" {
  for_each = local._refining

  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.ticks.name
  description                  = "${each.key}: ${each.value}"
  schedule_expression          = local._cron[each.key]
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.admit.arn
    role_arn = aws_iam_role.tick.arn

    # jsonencode() would write < and > as \u003c and \u003e, and Scheduler would not recognise its placeholder.
    input = replace(replace(jsonencode({
      dataset   = each.key
      pipeline  = local._pipe_arn[each.key]
      queue     = lookup(local._queue_url, each.key, "")
      scheduled = "<aws.scheduler.scheduled-time>"
    }), "\\u003c", "<"), "\\u003e", ">")

    dead_letter_config {
      arn = aws_sqs_queue.undelivered.arn
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }
  }

  depends_on = [aws_iam_role_policy.tick]
}

locals {
  admit = {
    Comment       = "Start a dataset's pipeline once per window, when there is something new and none is running."
    QueryLanguage = "JSONata"
    StartAt       = "By arrival"
    States = {
      "By arrival" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $states.input.queue = '' %}", Next = "Look for a running one" }]
        Default = "Look for arrivals"
      }
      "Look for arrivals" = {
        Type      = "Task"
        Resource  = "arn:${var.site.partition}:states:::aws-sdk:sqs:getQueueAttributes"
        Arguments = { QueueUrl = "{% $states.input.queue %}", AttributeNames = ["ApproximateNumberOfMessages"] }
        Output    = "{% $merge([$states.input, {'waiting': $number($states.result.Attributes.ApproximateNumberOfMessages)}]) %}"
        Retry     = local._patient
        Next      = "Anything new"
      }
      "Anything new" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $states.input.waiting > 0 %}", Next = "Look for a running one" }]
        Default = "Nothing to do"
      }
      "Look for a running one" = {
        Type      = "Task"
        Resource  = "arn:${var.site.partition}:states:::aws-sdk:sfn:listExecutions"
        Arguments = { StateMachineArn = "{% $states.input.pipeline %}", StatusFilter = "RUNNING", MaxResults = 1 }
        Output    = "{% $merge([$states.input, {'since': ${local._running_since}}]) %}"
        Retry     = local._patient
        Next      = "One is running"
      }
      "One is running" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $states.input.since != '' %}", Next = "Say how long" }]
        Default = "Start"
      }
      "Say how long" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::aws-sdk:cloudwatch:putMetricData"
        Arguments = {
          Namespace = "Headgate"
          MetricData = [{
            MetricName = "ArrivalsWaitMinutes"
            Dimensions = [{ Name = "Lake", Value = var.site.name }]
            Value      = "{% $floor(($millis() - $toMillis($states.input.since)) / 60000) %}"
          }]
        }
        Retry = local._patient
        Next  = "Nothing to do"
      }
      "Start" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::aws-sdk:sfn:startExecution"
        Arguments = {
          StateMachineArn = "{% $states.input.pipeline %}"
          Name            = "{% $states.input.dataset & '-' & $substring($replace($states.input.scheduled, /[^0-9T]/, ''), 0, 13) %}"
          Input           = "{% $string({'dataset': $states.input.dataset, 'scheduled': $states.input.scheduled}) %}"
        }
        Retry = local._patient
        Catch = [{ ErrorEquals = ["Sfn.ExecutionAlreadyExistsException"], Next = "Nothing to do" }]
        End   = true
      }
      "Nothing to do" = { Type = "Succeed" }
    }
  }

  _running_since = "$count($states.result.Executions) > 0 ? $states.result.Executions[0].StartDate : ''"

  # How soon and how often a call is tried again, unless its retry names other numbers.
  _again = { IntervalSeconds = 5, MaxAttempts = 3, BackoffRate = 2, JitterStrategy = "FULL" }

  _patient = [merge(local._again, { ErrorEquals = [
    "Sqs.SqsException", "Sfn.SfnException", "CloudWatch.CloudWatchException", "S3.S3Exception", "Sns.SnsException",
    "Glue.ThrottlingException", "Glue.GlueException",
  ] })]

  # Glue.GlueException is not among these, because it covers the answer that a table does not exist.
  _patient_but_sure = [merge(local._again, { ErrorEquals = [
    "Glue.ThrottlingException", "Glue.InternalServiceException", "Glue.OperationTimeoutException",
  ] })]
}

resource "aws_sfn_state_machine" "admit" {
  name       = "${var.site.name}-admit"
  type       = "EXPRESS"
  role_arn   = aws_iam_role.admit.arn
  definition = jsonencode(local.admit)

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true # a dataset's name and times, no data
    log_destination        = "${aws_cloudwatch_log_group.pipeline.arn}:*"
  }

  depends_on = [aws_iam_role_policy.admit]
}
