# The function flattens each document of a batch into one Parquet file. It names the documents that it could not flatten, and only
# their messages come back. One function serves all datasets; the zip of the release has their flatten.json.

locals {
  _name = "${var.site.name}-flatten"
  _role = "${var.site.roles.prefix}${var.site.name}" # how the names of roles begin
  _s3   = "${local._arn}:s3:::${var.staging_bucket}"
  _logs = "/${var.site.name}/lambda/flatten"

  _flatten_statements = concat(
    [
      {
        # Names only. Without this right S3 answers 403 for a document that was deleted meanwhile, and not 404.
        Sid      = "ListNames"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = [local._s3]
      },
      {
        Sid      = "ReadDocuments"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local._s3}/incoming/*"]
      },
      {
        # It reads what its own files say about their documents, so that a repeated event writes nothing.
        Sid      = "WriteStaging"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = [for c in var.contracts : "${local._s3}/staging/${c.prefix}*"]
      },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      {
        Sid      = "TakeDocuments"
        Effect   = "Allow"
        Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = ["${local._queues}-incoming"]
      },
      {
        # The function itself sends a document that failed for the last time to the dead letters, with the reason.
        Sid      = "SayWhy"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = ["${local._queues}-incoming-dead"]
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${local._arn}:logs:${local._here}:log-group:${local._logs}:*"]
      },
    ],
    [for statement in module.policies.join_network.functions : statement if var.network != null],
    [for statement in var.function.trace ? [module.policies.trace] : [] : statement],
  )
  _flatten_policy = jsonencode({ Version = "2012-10-17", Statement = local._flatten_statements })
}

module "policies" {
  source = "../policies"
  site   = var.site
}

resource "aws_lambda_function" "flatten" {
  function_name                  = local._name
  description                    = "JSON documents in incoming/ become Parquet of exact texts in staging/."
  role                           = aws_iam_role.flatten.arn
  s3_bucket                      = var.release.bucket
  s3_key                         = "${var.release.prefix}/lambdas/flatten_json-${var.function.architecture}.zip"
  handler                        = "handler.handle"
  runtime                        = var.function.runtime
  architectures                  = [var.function.architecture]
  memory_size                    = var.function.memory_mb
  timeout                        = var.function.timeout_s
  reserved_concurrent_executions = var.function.reserve ? var.function.concurrency : -1

  environment {
    variables = {
      STAGING_BUCKET               = var.staging_bucket
      DEAD_LETTERS_URL             = aws_sqs_queue.dead.url
      MAX_RECEIVES                 = local._tries
      MAX_DOCUMENT_MB              = var.function.max_document_mb
      POWERTOOLS_SERVICE_NAME      = "flatten_json"
      POWERTOOLS_METRICS_NAMESPACE = "Headgate"
      POWERTOOLS_TRACE_ENABLED     = var.function.trace
    }
  }

  # What is written into /tmp: the document and its Parquet.
  ephemeral_storage {
    size = max(512, 2 * var.function.max_document_mb + 512)
  }

  logging_config {
    log_format = "Text" # the function writes JSON itself
    log_group  = aws_cloudwatch_log_group.flatten.name
  }

  dynamic "vpc_config" {
    for_each = var.network == null ? [] : [var.network]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  tracing_config {
    mode = var.function.trace ? "Active" : "PassThrough"
  }

  depends_on = [aws_iam_role_policy.flatten]
}

resource "aws_lambda_event_source_mapping" "incoming" {
  event_source_arn        = aws_sqs_queue.incoming.arn
  function_name           = aws_lambda_function.flatten.arn
  batch_size              = var.function.batch
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.function.concurrency
  }
}

resource "aws_cloudwatch_log_group" "flatten" {
  name              = local._logs
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_iam_role" "flatten" {
  name                 = "${local._role}-flatten"
  description          = "What the function of ${var.site.name} may: read incoming/, write staging/ of the datasets that ask for it."
  assume_role_policy   = module.policies.trust.lambda
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "flatten" {
  name   = "flatten"
  role   = aws_iam_role.flatten.id
  policy = local._flatten_policy

  lifecycle {
    precondition {
      condition = length(local._flatten_policy) <= 10240
      error_message = join(" ", [
        "${length(var.contracts)} datasets with `arrive: events` need a policy of ${length(local._flatten_policy)} characters,",
        "AWS allows 10240. Put their source.path below fewer folders.",
      ])
    }
  }
}
