# This topic gets a notice of the end of each run, and of each dataset that becomes late, with the attribute `outcome` (published,
# closed, failed, late). People get those of closed gates, failures and late data; programs subscribe to what they need.

locals {
  _topic = "arn:${var.site.partition}:sns:${var.site.region}:${var.site.account_id}:${var.site.name}-notices"
}

resource "aws_sns_topic" "notices" {
  name              = "${var.site.name}-notices"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "people" {
  for_each = toset(var.notify_emails)

  topic_arn     = aws_sns_topic.notices.arn
  protocol      = "email"
  endpoint      = each.value
  filter_policy = jsonencode({ outcome = ["closed", "failed", "late"] })
}
