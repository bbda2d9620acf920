# A rule per dataset for what the function lands, as earlier versions had: see modules/pipeline/former_rules.tf.

locals {
  _former      = var.former_rules ? local._landing : {}
  _former_rule = { for dataset, rule in aws_cloudwatch_event_rule.landed : dataset => rule.name }
}

resource "aws_cloudwatch_event_rule" "landed" {
  for_each = local._former

  name        = "${var.site.name}-landed-${each.key}"
  description = "Parquet of the documents of ${each.key}."
  tags        = local._tags[each.key]

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.staging_bucket] }
      object = {
        key  = [{ prefix = "staging/${each.value}" }]
        size = [{ numeric = [">", 0] }]
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "landed" {
  for_each = local._former

  rule       = local._former_rule[each.key]
  target_id  = "queue"
  arn        = aws_sqs_queue.landed.arn
  input_path = "$.detail.object"

  dead_letter_config {
    arn = var.ticks.undelivered_arn
  }
}
