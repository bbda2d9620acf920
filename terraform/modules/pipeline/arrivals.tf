# S3 tells EventBridge, a rule per dataset puts a hint into the dataset's queue, and a tick per window looks into it.
# A hint only says that something came: which objects a run reads, the ledger decides. Nothing takes a hint out of the
# queue but the run that begins, so none is lost when a start is refused.

locals {
  _by_arrival = { for dataset, c in var.contracts : dataset => c if !c.is_mart && c.refine == "arrival" }
  # Marts on arrival are built by the datasets they read; others have a schedule of their own.
  _pipelines = { for dataset, c in var.contracts : dataset => c if !c.is_mart || c.refine != "arrival" }
  # Texts for for_each: Terraform walks all of it for every instance.
  _arriving = { for dataset, c in local._by_arrival : dataset => c.prefix }
  _refining = { for dataset, c in local._pipelines : dataset => c.refine }

  _sqs = "arn:${var.site.partition}:sqs:${var.site.region}:${var.site.account_id}"
  _dlq = "${local._sqs}:${var.site.name}-undelivered"

  _tags = { for dataset, c in var.contracts : dataset => {
    Dataset = dataset
    Domain  = c.domain
    Owner   = replace(c.owner, "/[^\\p{L}\\p{N} _.:/=+@-]/", "_")
  } }
}

# One line for all instances: see modules/jobs/roles.tf.
locals {
  _rule      = { for dataset, rule in aws_cloudwatch_event_rule.arrival : dataset => rule.name }
  _queue_arn = { for dataset, queue in aws_sqs_queue.arrivals : dataset => queue.arn }
}

resource "aws_cloudwatch_event_rule" "arrival" {
  for_each = local._arriving

  name        = "${var.site.name}-arrival-${each.key}"
  description = "Raw files of ${each.key}."
  tags        = local._tags[each.key]

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.buckets.staging] }
      object = {
        key  = [{ prefix = "staging/${each.value}" }]
        size = [{ numeric = [">", 0] }] # a folder has no bytes
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "arrival" {
  for_each = local._arriving

  rule       = local._rule[each.key]
  target_id  = "queue"
  arn        = local._queue_arn[each.key]
  input_path = "$.detail.object"

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }
}

# With their policies: a policy of its own would have Terraform wait for it once more, half a minute for each apply.
resource "aws_sqs_queue" "arrivals" {
  for_each = local._arriving

  name                      = "${var.site.name}-arrivals-${each.key}"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
  tags                      = local._tags[each.key]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RuleMaySend"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["sqs:SendMessage"]
        Resource  = ["${local._sqs}:${var.site.name}-arrivals-${each.key}"]
        Condition = { ArnEquals = { "aws:SourceArn" = "arn:${var.site.partition}:events:${var.site.region}:${var.site.account_id}:rule/${var.site.name}-arrival-${each.key}" } }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["sqs:*"]
        Resource  = ["${local._sqs}:${var.site.name}-arrivals-${each.key}"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# What EventBridge could not deliver: a hint, or a tick.
resource "aws_sqs_queue" "undelivered" {
  name                      = "${var.site.name}-undelivered"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RulesMaySend"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["sqs:SendMessage"]
        Resource  = [local._dlq]
        Condition = { ArnLike = { "aws:SourceArn" = "arn:${var.site.partition}:events:${var.site.region}:${var.site.account_id}:rule/${var.site.name}-arrival-*" } }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["sqs:*"]
        Resource  = [local._dlq]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
