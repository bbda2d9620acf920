locals {
  _arn  = "arn:${var.site.partition}"
  _here = "${var.site.region}:${var.site.account_id}"
  _glue = "${local._arn}:glue:${local._here}"
}

module "policies" {
  source = "../policies"
  site   = var.site
}

resource "aws_iam_role" "tick" {
  name               = "${var.site.name}-tick"
  description        = "What the schedules of ${var.site.name} may: start admit and maintain."
  assume_role_policy = module.policies.trust.scheduler
}

resource "aws_iam_role_policy" "tick" {
  name = "tick"
  role = aws_iam_role.tick.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Start"
        Effect   = "Allow"
        Action   = ["states:StartExecution"]
        Resource = [for machine in ["admit", "maintain"] : "${local._machine}-${machine}"]
      },
      { Sid = "GiveUp", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local._dlq] },
    ]
  })
}

resource "aws_iam_role" "admit" {
  name               = "${var.site.name}-admit"
  description        = "What admit may: look into the queues, and start pipelines."
  assume_role_policy = module.policies.trust.states
}

resource "aws_iam_role_policy" "admit" {
  name = "admit"
  role = aws_iam_role.admit.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "LookIntoQueues"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes"]
        Resource = ["${local._queues}-arrivals-*"]
      },
      {
        Sid      = "StartPipelines"
        Effect   = "Allow"
        Action   = ["states:ListExecutions", "states:StartExecution"]
        Resource = ["${local._machine}-*"]
      },
      module.policies.put_metrics.machines,
      module.policies.deliver_logs,
    ]
  })
}

resource "aws_iam_role" "pipeline" {
  name               = "${var.site.name}-pipeline"
  description        = "What the pipelines of ${var.site.name} may: run jobs and crawlers, keep reports, tell."
  assume_role_policy = module.policies.trust.states
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
        Resource = ["${local._glue}:job/${var.site.name}-*"]
      },
      {
        Sid      = "RunCrawlers"
        Effect   = "Allow"
        Action   = ["glue:GetCrawler", "glue:StartCrawler"]
        Resource = ["${local._glue}:crawler/${var.site.name}-parquet-*"]
      },
      {
        Sid    = "LookAtTables"
        Effect = "Allow"
        Action = ["glue:GetTable"]
        Resource = [
          "${local._glue}:catalog", "${local._glue}:database/${var.catalog.database}",
          "${local._glue}:table/${var.catalog.database}/${var.catalog.prefix}*",
        ]
      },
      {
        Sid      = "ForgetArrivals"
        Effect   = "Allow"
        Action   = ["sqs:PurgeQueue"]
        Resource = ["${local._queues}-arrivals-*"]
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
      module.policies.put_metrics.machines,
      module.policies.deliver_logs,
    ]
  })
}
