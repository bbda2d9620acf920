locals {
  _role = "${var.site.roles.prefix}${var.site.name}" # how the names of roles begin
  _arn  = "arn:${var.site.partition}"
  _here = "${var.site.region}:${var.site.account_id}"
  _glue = "${local._arn}:glue:${local._here}"
}

module "policies" {
  source = "../policies"
  site   = var.site
}

resource "aws_iam_role" "tick" {
  name                 = "${local._role}-tick"
  description          = "What the schedules of ${var.site.name} may: start admit and maintain."
  assume_role_policy   = module.policies.trust.scheduler
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
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
  name                 = "${local._role}-admit"
  description          = "What admit may: look into the queues, and start pipelines."
  assume_role_policy   = module.policies.trust.states
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
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
        Resource = ["${local._queues}-arrivals-*", "${local._queues}-landed"] # the latter is of modules/events
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

resource "aws_iam_role" "arrival" {
  name                 = "${local._role}-arrival"
  description          = "What the rule of arrivals may: start route-arrivals."
  assume_role_policy   = module.policies.trust.events
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "arrival" {
  name = "arrival"
  role = aws_iam_role.arrival.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Route", Effect = "Allow", Action = ["states:StartExecution"], Resource = ["${local._states}:${local._route}"] },
    ]
  })
}

resource "aws_iam_role" "route" {
  name                 = "${local._role}-route"
  description          = "What route-arrivals may: put hints into the queues, and give up."
  assume_role_policy   = module.policies.trust.states
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "route" {
  name = "route"
  role = aws_iam_role.route.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "PutHints"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = ["${local._queues}-arrivals-*", "${local._queues}-landed"] # the latter is of modules/events
      },
      { Sid = "GiveUp", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local._dlq] },
      module.policies.deliver_logs,
    ]
  })
}

resource "aws_iam_role" "pipeline" {
  name                 = "${local._role}-pipeline"
  description          = "What the pipelines of ${var.site.name} may: run jobs, keep reports, tell."
  assume_role_policy   = module.policies.trust.states
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
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
        Resource = ["${local._arn}:s3:::${var.buckets.reports}/counts/*"]
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
