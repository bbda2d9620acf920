# Late data: an hourly check, for each contract with `freshness_hours`, whether a publication is younger than that. Each
# publication has a file ledger/<dataset>/<run>.json, and a run's name begins with its time, so listing one name is enough.
#
# One notice reports each dataset that becomes late, however many others are late already: the alarm `late` goes off for the
# first of them only. A dataset has become late if the metric of its last look, at most 90 minutes ago, does not say so.

module "policies" {
  source = "../policies"
  site   = var.site
}

locals {
  _role    = "${var.site.roles.prefix}${var.site.name}" # how the names of roles begin
  _machine = "arn:${var.site.partition}:states:${var.site.region}:${var.site.account_id}:stateMachine"

  _of_lake = { Name = "Lake", Value = var.site.name }

  _fresh = { for dataset, c in var.contracts : dataset => c.freshness_hours if c.freshness_hours != null }
  _owner = { for dataset, c in var.contracts : dataset => c.owner }

  _of_dataset = [local._of_lake, { Name = "Dataset", Value = "{% $states.input.dataset %}" }]
  _looked_ms  = 100 * 60 * 1000 # longer than the time between two looks

  late = {
    Comment       = "Has the dataset published within its freshness?"
    QueryLanguage = "JSONata"
    StartAt       = "Look for a young publication"
    States = {
      "Look for a young publication" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::aws-sdk:s3:listObjectsV2"
        Arguments = {
          Bucket = var.warehouse_bucket
          Prefix = "{% 'ledger/' & $states.input.dataset & '/' %}"
          StartAfter = join(" & ", [
            "{% 'ledger/' & $states.input.dataset & '/'",
            "$replace($substring($fromMillis($millis() - $states.input.hours * 3600000), 0, 19), /[-:]/, '') %}",
          ])
          MaxKeys = 1
        }
        Output = "{% $merge([$states.input, {'young': $count($states.result.Contents)}]) %}"
        Retry  = local._patient
        Next   = "Is there one"
      }
      "Is there one" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $states.input.young > 0 %}", Next = "Fresh" }]
        Default = "Was it late before"
      }
      "Was it late before" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::aws-sdk:cloudwatch:getMetricData"
        Arguments = {
          StartTime = "{% $fromMillis($millis() - ${local._looked_ms}) %}"
          EndTime   = "{% $now() %}"
          MetricDataQueries = [{
            Id = "late"
            MetricStat = {
              Metric = { Namespace = "Headgate", MetricName = "Late", Dimensions = local._of_dataset }
              Period = 60
              Stat   = "Sum"
            }
          }]
        }
        Output = "{% $merge([$states.input, {'before': $count($states.result.MetricDataResults[0].Timestamps[$ != ''])}]) %}"
        Retry  = local._patient
        Next   = "Is that news"
      }
      "Is that news" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $states.input.before > 0 %}", Next = "Say it is late" }]
        Default = "Tell"
      }
      # Before the metric is put: if the notice fails, the next look finds no metric and sends it.
      "Tell" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::sns:publish"
        Arguments = {
          TopicArn = var.notices_arn
          Subject  = "{% $substring('${var.site.name}: ' & $states.input.dataset & ' is late', 0, 100) %}"
          Message = join(" & ", [
            "{% $states.input.dataset & ' has published nothing for ' & $string($states.input.hours)",
            "' hours, which is what its contract allows. Its owner: ' & $states.input.owner",
            "'\\nWhat to do: docs/RUNBOOK.md#late-data' %}",
          ])
          MessageAttributes = {
            for name, text in { outcome = "late", dataset = "{% $states.input.dataset %}", owner = "{% $states.input.owner %}" } :
            name => { DataType = "String", StringValue = text }
          }
        }
        Output = "{% $states.input %}"
        Retry  = local._patient
        Next   = "Say it is late"
      }
      # Twice: without the dataset for the alarm, and by dataset. AWS bills a metric only while it is sent.
      "Say it is late" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::aws-sdk:cloudwatch:putMetricData"
        Arguments = {
          Namespace = "Headgate"
          MetricData = [
            for dimensions in [[local._of_lake], local._of_dataset] :
            { MetricName = "Late", Dimensions = dimensions, Value = 1 }
          ]
        }
        Retry = local._patient
        End   = true
      }
      "Fresh" = { Type = "Succeed" }
    }
  }

  _patient = [{
    ErrorEquals     = ["S3.S3Exception", "CloudWatch.CloudWatchException", "Sns.SnsException"]
    IntervalSeconds = 5
    MaxAttempts     = 3
    BackoffRate     = 2
    JitterStrategy  = "FULL"
  }]
}

resource "aws_sfn_state_machine" "late" {
  name       = "${var.site.name}-late"
  type       = "EXPRESS"
  role_arn   = aws_iam_role.late.arn
  definition = jsonencode(local.late)

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true # a dataset's name and hours, no data
    log_destination        = "${aws_cloudwatch_log_group.late.arn}:*"
  }

  depends_on = [aws_iam_role_policy.late]
}

resource "aws_cloudwatch_log_group" "late" {
  name              = "/aws/vendedlogs/states/${var.site.name}-late"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_scheduler_schedule" "late" {
  for_each = local._fresh

  name                         = "late-${each.key}"
  group_name                   = var.schedule_group
  description                  = "${each.key}: at most ${each.value} hours old"
  schedule_expression          = "rate(1 hour)"
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 30
  }

  target {
    arn      = aws_sfn_state_machine.late.arn
    role_arn = aws_iam_role.start_late.arn
    input    = jsonencode({ dataset = each.key, hours = each.value, owner = local._owner[each.key] })

    dead_letter_config {
      arn = local._undelivered
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }
  }

  depends_on = [aws_iam_role_policy.start_late]
}

resource "aws_iam_role" "start_late" {
  name                 = "${local._role}-start-late"
  description          = "What the schedules of late data may: start the look."
  assume_role_policy   = module.policies.trust.scheduler
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "start_late" {
  name = "start-late"
  role = aws_iam_role.start_late.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Start", Effect = "Allow", Action = ["states:StartExecution"], Resource = ["${local._machine}:${var.site.name}-late"] },
      { Sid = "GiveUp", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local._undelivered] },
    ]
  })
}

resource "aws_iam_role" "late" {
  name                 = "${local._role}-late"
  description          = "What the look for late data may: list the ledger, and tell."
  assume_role_policy   = module.policies.trust.states
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "late" {
  name = "late"
  role = aws_iam_role.late.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ListLedger"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:${var.site.partition}:s3:::${var.warehouse_bucket}"]
        Condition = { StringLike = { "s3:prefix" = "ledger/*" } }
      },
      { Sid = "LookBack", Effect = "Allow", Action = ["cloudwatch:GetMetricData"], Resource = ["*"] },
      { Sid = "Tell", Effect = "Allow", Action = ["sns:Publish"], Resource = [var.notices_arn] },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      module.policies.put_metrics.machines,
      module.policies.deliver_logs,
    ]
  })
}

# Owners who want to know: those of datasets with a freshness whose contract names an address, unless they get every notice anyway.
resource "aws_sns_topic_subscription" "owner" {
  for_each = toset(var.notify_owners ? [
    for dataset in keys(local._fresh) : local._owner[dataset]
    if can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", local._owner[dataset])) && !contains(var.notify_emails, local._owner[dataset])
  ] : [])

  topic_arn     = var.notices_arn
  protocol      = "email"
  endpoint      = each.value
  filter_policy = jsonencode({ outcome = ["late"], owner = [each.value] })
}
