# S3 sends EventBridge an event for each new object, one rule hands it to the machine `route-arrivals` (routes.tf), which puts a hint
# into the dataset's queue, and a tick per window checks the queue. A hint means only that something arrived; the ledger decides which
# objects a run reads. Only a run that begins removes hints from the queue, so none is lost when a start is refused.

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

  # Which rules may send into each queue; `incoming` and `landed-*` are of modules/events. No service may send into the queues of
  # arrivals: into those sends `route-arrivals`, by the policy of its role. All of it over TLS.
  _senders = merge(
    { undelivered = concat(["arrivals", "failed-*", "incoming"], var.former_rules ? ["arrival-*", "landed-*"] : []) },
    { for dataset in keys(local._arriving) : "arrivals-${dataset}" => var.former_rules ? ["arrival-${dataset}"] : [] },
  )
  _queue_policy = { for queue, rules in local._senders : queue => jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for allowed in [[for rule in rules : "${local._rules}-${rule}"]] : {
        Sid       = "RulesMaySend"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["sqs:SendMessage"]
        Resource  = ["${local._queues}-${queue}"]
        Condition = { ArnLike = { "aws:SourceArn" = allowed } }
      } if length(allowed) > 0],
      [{
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["sqs:*"]
        Resource  = ["${local._queues}-${queue}"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
    )
  }) }
}

# Resources read other resources' instances through this local: see modules/jobs/roles.tf.
locals {
  _queue_name = { for dataset, queue in aws_sqs_queue.arrivals : dataset => queue.name }
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
