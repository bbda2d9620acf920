# One key encrypts everything that the lake stores. Its policy names who may use it: the lake's own roles by name, and the
# services that write on the lake's behalf, each for its own resources only. A role also needs a policy of its own that
# allows it to use the key.

locals {
  _iam  = "arn:${var.site.partition}:iam::${var.site.account_id}"
  _root = { AWS = "${local._iam}:root" }
  _use  = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
}

resource "aws_kms_key" "lake" {
  description             = "${var.site.name}: everything that the lake stores"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  # In a key's policy "*" means this key; AWS has no other way to write it.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = local._root
        Action = [
          "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:CreateGrant", "kms:DeleteAlias", "kms:DescribeKey",
          "kms:DisableKey", "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus",
          "kms:ListAliases", "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListResourceTags", "kms:PutKeyPolicy",
          "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias",
          "kms:UpdateKeyDescription",
        ]
        Resource = "*"
      },
      {
        Sid       = "RolesOfTheLake"
        Effect    = "Allow"
        Principal = local._root
        Action    = local._use
        Resource  = "*"
        Condition = { ArnLike = { "aws:PrincipalArn" = "${local._iam}:role/${var.site.name}-*" } }
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.site.region}.amazonaws.com" }
        Action    = local._use
        Resource  = "*"
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = [
          "arn:${var.site.partition}:logs:${var.site.region}:${var.site.account_id}:log-group:/${var.site.name}/*",
          "arn:${var.site.partition}:logs:${var.site.region}:${var.site.account_id}:log-group:/aws/vendedlogs/states/${var.site.name}-*",
        ] } }
      },
      {
        Sid       = "QueuesAndTopics"
        Effect    = "Allow"
        Principal = { Service = ["events.amazonaws.com", "cloudwatch.amazonaws.com", "budgets.amazonaws.com", "scheduler.amazonaws.com"] }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.site.account_id } }
      },
    ]
  })
}

resource "aws_kms_alias" "lake" {
  name          = "alias/${var.site.name}"
  target_key_id = aws_kms_key.lake.key_id
}
