# S3 sends EventBridge an event for each new object, a rule per dataset puts a hint into the dataset's queue, and a tick per
# window checks the queue. A hint means only that something arrived; the ledger decides which objects a run reads. Only a run
# that begins removes hints from the queue, so none is lost when a start is refused.

locals {
  _by_arrival = { for dataset, c in var.contracts : dataset => c if !c.is_mart && c.refine == "arrival" }
  # The pipelines of the datasets that they read build marts on arrival; other marts have their own schedule.
  _pipelines = { for dataset, c in var.contracts : dataset => c if !c.is_mart || c.refine != "arrival" }
  # Maps of texts for for_each, because Terraform walks all of it for every instance.
  _arriving = { for dataset, c in local._by_arrival : dataset => c.prefix }
  _refining = { for dataset, c in local._pipelines : dataset => c.refine }

  _tags = { for dataset, c in var.contracts : dataset => c.tags }

  _queues = "arn:${var.site.partition}:sqs:${var.site.region}:${var.site.account_id}:${var.site.name}"
  _rules  = "arn:${var.site.partition}:events:${var.site.region}:${var.site.account_id}:rule/${var.site.name}"
  _dlq    = "${local._queues}-undelivered"

  # What may send into each queue: rules of the lake, over TLS.
  _senders = merge(
    { undelivered = { Sid = "RulesMaySend", Condition = { ArnLike = { "aws:SourceArn" = [
      for kind in ["arrival-*", "failed-*", "incoming", "landed-*"] : "${local._rules}-${kind}" # the latter two are of modules/events
    ] } } } },
    { for dataset in keys(local._arriving) : "arrivals-${dataset}" => {
      Sid       = "RuleMaySend"
      Condition = { ArnEquals = { "aws:SourceArn" = "${local._rules}-arrival-${dataset}" } }
    } },
  )
  _queue_policy = { for queue, sender in local._senders : queue => jsonencode({
    Version = "2012-10-17"
    Statement = [
      merge(sender, {
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["sqs:SendMessage"]
        Resource  = ["${local._queues}-${queue}"]
      }),
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["sqs:*"]
        Resource  = ["${local._queues}-${queue}"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  }) }
}

# Resources read other resources' instances through these locals: see modules/jobs/roles.tf.
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

# The policies are part of the queues: Terraform would wait half a minute in each apply for a separate resource.
resource "aws_sqs_queue" "arrivals" {
  for_each = local._arriving

  name                      = "${var.site.name}-arrivals-${each.key}"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
  policy                    = local._queue_policy["arrivals-${each.key}"]
  tags                      = local._tags[each.key]
}

# What EventBridge could not deliver: hints, ticks of every schedule, and events of failures.
resource "aws_sqs_queue" "undelivered" {
  name                      = "${var.site.name}-undelivered"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
  policy                    = local._queue_policy["undelivered"]
}
