# A rule per dataset, as earlier versions had. docs/UPGRADING.md keeps them beside the one rule until that delivers, so that no hint
# is lost between the two; meanwhile an object leaves two hints, which count as one.

locals {
  _former      = var.former_rules ? local._arriving : {}
  _former_rule = { for dataset, rule in aws_cloudwatch_event_rule.arrival : dataset => rule.name }
  _former_to   = { for dataset, queue in aws_sqs_queue.arrivals : dataset => queue.arn }
}

resource "aws_cloudwatch_event_rule" "arrival" {
  for_each = local._former

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
        size = [{ numeric = [">", 0] }]
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "arrival" {
  for_each = local._former

  rule       = local._former_rule[each.key]
  target_id  = "queue"
  arn        = local._former_to[each.key]
  input_path = "$.detail.object"

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }
}
