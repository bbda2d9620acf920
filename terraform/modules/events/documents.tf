# Documents that arrive in incoming/ of the staging bucket: S3 → EventBridge → queue → function. After three failed tries
# a document's message is among the dead letters, where it stays until somebody replays it (`headgate dead-letters`).

locals {
  _arn    = "arn:${var.site.partition}"
  _here   = "${var.site.region}:${var.site.account_id}"
  _queues = "${local._arn}:sqs:${local._here}:${var.site.name}"
  _rules  = "${local._arn}:events:${local._here}:rule/${var.site.name}"

  _tries = 3 # how often SQS gives out a message before it moves it to the dead letters

  # Which rule may send into each queue, over TLS. Into the dead letters send SQS itself and the function's role, into `landed` the
  # machine route-arrivals of modules/pipeline.
  _senders = merge({ incoming = "${local._rules}-incoming" }, var.former_rules ? { landed = "${local._rules}-landed-*" } : {})
  _queue_policy = { for queue in ["incoming", "incoming-dead", "landed"] : queue => jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for sid in contains(keys(local._senders), queue) ? ["RuleMaySend"] : [] : {
        Sid       = sid
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["sqs:SendMessage"]
        Resource  = ["${local._queues}-${queue}"]
        Condition = { ArnLike = { "aws:SourceArn" = local._senders[queue] } }
      }],
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

# A document of a dataset that no contract describes starts the function too: it becomes a dead letter, and is not lost.
resource "aws_cloudwatch_event_rule" "incoming" {
  name        = "${var.site.name}-incoming"
  description = "Documents in incoming/."

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.staging_bucket] }
      object = {
        key  = [{ prefix = "incoming/" }]
        size = [{ numeric = [">", 0] }] # a folder has no bytes
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "incoming" {
  rule      = aws_cloudwatch_event_rule.incoming.name
  target_id = "queue"
  arn       = aws_sqs_queue.incoming.arn

  dead_letter_config {
    arn = var.ticks.undelivered_arn
  }
}

# AWS asks for a visibility time-out of six times the function's. Dead letters keep a message's age, so they are kept longer.
resource "aws_sqs_queue" "incoming" {
  name                       = "${var.site.name}-incoming"
  visibility_timeout_seconds = 6 * var.function.timeout_s
  message_retention_seconds  = 4 * 24 * 3600
  sqs_managed_sse_enabled    = true
  policy                     = local._queue_policy["incoming"]
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = local._tries })
}

resource "aws_sqs_queue" "dead" {
  name                      = "${var.site.name}-incoming-dead"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
  policy                    = local._queue_policy["incoming-dead"]
  redrive_allow_policy      = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = ["${local._queues}-incoming"] })
}
