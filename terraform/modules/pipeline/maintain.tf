# Once a week every table is maintained. One small state machine serves all tables: it runs the job that its input names, and
# sends a notice if the job fails.

locals {
  maintain = {
    Comment       = "Maintain a table: compaction, expiry, what broken runs have left."
    QueryLanguage = "JSONata"
    StartAt       = "Maintain"
    States = {
      "Maintain" = {
        Type      = "Task"
        Resource  = "arn:${var.site.partition}:states:::glue:startJobRun.sync"
        Arguments = { JobName = "{% $states.input.job %}" }
        Output    = {}
        Retry     = local._start_again
        Catch = [{
          ErrorEquals = ["States.ALL"]
          Output      = "{% $merge([$states.input, {'cause': $states.errorOutput.Error & ' ' & $states.errorOutput.Cause}]) %}"
          Next        = "Count"
        }]
        End = true
      }
      "Count" = {
        Type      = "Task"
        Resource  = "${local._sdk}:cloudwatch:putMetricData"
        Arguments = local._counted.maintain
        Output    = "{% $states.input %}"
        Retry     = local._patient
        Next      = "Tell"
      }
      "Tell" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::sns:publish"
        Arguments = {
          TopicArn = local._topic
          Subject  = "{% $substring('${var.site.name}: maintenance of ' & $states.input.dataset & ' failed', 0, 100) %}"
          Message = join(" & ", [
            "{% $states.input.dataset",
            "' was not maintained. Readers see what they saw, nothing is lost.\\nWhat to do: docs/RUNBOOK.md, job failed' %}",
          ])
          MessageAttributes = {
            for name, text in { outcome = "failed", dataset = "{% $states.input.dataset %}" } :
            name => { DataType = "String", StringValue = text }
          }
        }
        Retry = local._patient
        Next  = "Not maintained"
      }
      "Not maintained" = { Type = "Fail", Error = "NotMaintained", Cause = "The notice says why." }
    }
  }
}

resource "aws_sfn_state_machine" "maintain" {
  name       = "${var.site.name}-maintain"
  type       = "STANDARD"
  role_arn   = aws_iam_role.pipeline.arn
  definition = jsonencode(local.maintain)

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.pipeline.arn}:*"
  }

  depends_on = [aws_iam_role_policy.pipeline]
}

resource "aws_scheduler_schedule" "maintain" {
  for_each = var.maintain_jobs

  name                         = "_maintain-${each.key}" # no dataset's name begins with `_`
  group_name                   = aws_scheduler_schedule_group.ticks.name
  description                  = "${each.key}: maintained weekly"
  schedule_expression          = "cron(${var.weekly.minute} ${(var.weekly.hour + 2) % 24} ? * ${var.weekly.day} *)"
  schedule_expression_timezone = "UTC"

  # So that the jobs do not start all at once.
  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 240
  }

  target {
    arn      = aws_sfn_state_machine.maintain.arn
    role_arn = aws_iam_role.tick.arn
    input    = jsonencode({ dataset = each.key, job = each.value })

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
