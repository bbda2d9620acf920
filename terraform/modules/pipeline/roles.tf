locals {
  _arn  = "arn:${var.site.partition}"
  _here = "${var.site.region}:${var.site.account_id}"

  _assume = { for service in ["scheduler", "states"] : service => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "${service}.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.site.account_id } }
    }]
  }) }

  # Step Functions delivers logs through an account-wide delivery that has no ARN: see star_resources.yaml.
  _deliver_logs = {
    Sid    = "DeliverLogs"
    Effect = "Allow"
    Action = [
      "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
    ]
    Resource = ["*"]
  }
  _put_metrics = {
    Sid       = "PutMetrics"
    Effect    = "Allow"
    Action    = ["cloudwatch:PutMetricData"]
    Resource  = ["*"]
    Condition = { StringEquals = { "cloudwatch:namespace" = "Headgate" } }
  }
}

resource "aws_iam_role" "tick" {
  name               = "${var.site.name}-tick"
  description        = "What the schedules of ${var.site.name} may: start admit and maintain."
  assume_role_policy = local._assume.scheduler
}

resource "aws_iam_role_policy" "tick" {
  name = "tick"
  role = aws_iam_role.tick.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Start", Effect = "Allow", Action = ["states:StartExecution"], Resource = [for name in ["admit", "maintain"] : "${local._states}:stateMachine:${var.site.name}-${name}"] },
      { Sid = "GiveUp", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local._dlq] },
    ]
  })
}

resource "aws_iam_role" "admit" {
  name               = "${var.site.name}-admit"
  description        = "What admit may: look into the queues, and start pipelines."
  assume_role_policy = local._assume.states
}

resource "aws_iam_role_policy" "admit" {
  name = "admit"
  role = aws_iam_role.admit.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "LookIntoQueues", Effect = "Allow", Action = ["sqs:GetQueueAttributes"], Resource = ["${local._sqs}:${var.site.name}-arrivals-*"] },
      { Sid = "StartPipelines", Effect = "Allow", Action = ["states:ListExecutions", "states:StartExecution"], Resource = ["${local._states}:stateMachine:${var.site.name}-*"] },
      local._put_metrics,
      local._deliver_logs,
    ]
  })
}

resource "aws_iam_role" "pipeline" {
  name               = "${var.site.name}-pipeline"
  description        = "What the pipelines of ${var.site.name} may: run jobs and crawlers, keep reports, tell."
  assume_role_policy = local._assume.states
}

resource "aws_iam_role_policy" "pipeline" {
  name = "pipeline"
  role = aws_iam_role.pipeline.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "RunJobs"
        Effect   = "Allow"
        Action   = ["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]
        Resource = ["${local._arn}:glue:${local._here}:job/${var.site.name}-*"]
      },
      {
        Sid      = "RunCrawlers"
        Effect   = "Allow"
        Action   = ["glue:GetCrawler", "glue:StartCrawler"]
        Resource = ["${local._arn}:glue:${local._here}:crawler/${var.site.name}-parquet-*"]
      },
      {
        Sid      = "LookAtTables"
        Effect   = "Allow"
        Action   = ["glue:GetTable"]
        Resource = ["${local._arn}:glue:${local._here}:catalog", "${local._arn}:glue:${local._here}:database/${var.catalog.database}", "${local._arn}:glue:${local._here}:table/${var.catalog.database}/${var.catalog.prefix}*"]
      },
      {
        Sid      = "ForgetArrivals"
        Effect   = "Allow"
        Action   = ["sqs:PurgeQueue"]
        Resource = ["${local._sqs}:${var.site.name}-arrivals-*"]
      },
      {
        Sid      = "ReadReport"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local._arn}:s3:::${var.buckets.reports}/runs/*"]
      },
      {
        Sid      = "KeepReport"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local._arn}:s3:::${var.buckets.reports}/latest/*"]
      },
      {
        Sid      = "FindReport"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = ["${local._arn}:s3:::${var.buckets.reports}"]
      },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      { Sid = "Tell", Effect = "Allow", Action = ["sns:Publish"], Resource = [local._topic] },
      local._put_metrics,
      local._deliver_logs,
    ]
  })
}
