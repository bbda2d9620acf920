# Late data: an hourly check, for each contract with `freshness_hours`, whether a publication is younger than that. Each
# publication has a file ledger/<dataset>/<run>.json, and a run's name begins with its time, so listing one name is enough.

module "policies" {
  source = "../policies"
  site   = var.site
}

locals {
  _machine = "arn:${var.site.partition}:states:${var.site.region}:${var.site.account_id}:stateMachine"

  _of_lake = { Name = "Lake", Value = var.site.name }

  _fresh = { for dataset, c in var.contracts : dataset => c.freshness_hours if c.freshness_hours != null }

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
        Output = "{% $merge([$states.input, {'young': $states.result.KeyCount}]) %}"
        Retry  = local._patient
        Next   = "Is there one"
      }
      "Is there one" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $states.input.young > 0 %}", Next = "Fresh" }]
        Default = "Say it is late"
      }
      # Twice: without the dataset for the alarm, and by dataset. AWS bills a metric only while it is sent.
      "Say it is late" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::aws-sdk:cloudwatch:putMetricData"
        Arguments = {
          Namespace = "Headgate"
          MetricData = [
            for dimensions in [[local._of_lake], [local._of_lake, { Name = "Dataset", Value = "{% $states.input.dataset %}" }]] :
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
    ErrorEquals     = ["S3.S3Exception", "CloudWatch.CloudWatchException"]
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
    input    = jsonencode({ dataset = each.key, hours = each.value })
  }

  depends_on = [aws_iam_role_policy.start_late]
}

resource "aws_iam_role" "start_late" {
  name               = "${var.site.name}-start-late"
  description        = "What the schedules of late data may: start the look."
  assume_role_policy = module.policies.trust.scheduler
}

resource "aws_iam_role_policy" "start_late" {
  name = "start-late"
  role = aws_iam_role.start_late.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Start"
      Effect   = "Allow"
      Action   = ["states:StartExecution"]
      Resource = ["${local._machine}:${var.site.name}-late"]
    }]
  })
}

resource "aws_iam_role" "late" {
  name               = "${var.site.name}-late"
  description        = "What the look for late data may: list the ledger, and say so."
  assume_role_policy = module.policies.trust.states
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
      module.policies.put_metrics.machines,
      module.policies.deliver_logs,
    ]
  })
}
