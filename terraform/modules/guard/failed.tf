# One route from AWS's events of failed executions and crawlers to the topic of alarms. A machine reports most failures itself, with
# the dataset and a link to the report; its last state then fails with one of the errors in `_reported`, which the route leaves
# out. What remains is a machine that could not report: it was stopped, ran out of time, or met an error that no state catches.
#
# Step Functions sends no such events for express machines (`admit`, `late` and `route-arrivals`); alarms on their metrics watch those.

locals {
  _reported = ["NotAllWentWell", "NotMaintained", "NotRegistered", "NotSwitched"] # NotRegistered has an alarm: modules/events

  _failed = {
    executions = {
      text  = "An execution that sent no notice ended as <status>: <what>."
      page  = "execution-failed"
      paths = { status = "$.detail.status", what = "$.detail.executionArn" }
      pattern = {
        source      = ["aws.states"]
        detail-type = ["Step Functions Execution Status Change"]
        detail = {
          status          = ["FAILED", "TIMED_OUT", "ABORTED"]
          stateMachineArn = [{ prefix = "${local._machine}:${var.site.name}-" }]
          # Of executions without an error's name, such as stopped ones, the event has null there or nothing.
          "$or" = [{ error = [{ exists = false }] }, { error = [null, { anything-but = local._reported }] }]
        }
      }
    }
    crawlers = {
      text  = "The crawler <what> failed; the tables in Athena are those of its last crawl."
      page  = "crawler-failed"
      paths = { what = "$.detail.crawlerName" }
      pattern = {
        source      = ["aws.glue"]
        detail-type = ["Glue Crawler State Change"]
        detail      = { state = ["Failed"], crawlerName = [{ prefix = "${var.site.name}-" }] }
      }
    }
  }

  _undelivered = "arn:${var.site.partition}:sqs:${var.site.region}:${var.site.account_id}:${var.undelivered_queue}"
}

resource "aws_cloudwatch_event_rule" "failed" {
  for_each = local._failed

  name          = "${var.site.name}-failed-${each.key}"
  description   = "Failed ${each.key} that sent no notice."
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "failed" {
  for_each = local._failed

  rule      = aws_cloudwatch_event_rule.failed[each.key].name
  target_id = "alerts"
  arn       = aws_sns_topic.alerts.arn

  input_transformer {
    input_paths    = each.value.paths
    input_template = "\"${var.site.name}: ${each.value.text} What to do: docs/RUNBOOK.md#${each.value.page}\""
  }

  dead_letter_config {
    arn = local._undelivered
  }

  depends_on = [aws_sns_topic_policy.alerts]
}
