# One key encrypts everything that the lake stores. For callers of this account, the key's policy leaves the choice to IAM: whoever
# has a policy that allows the key may use it, an administrator's or an SSO role as well as the lake's own roles. The
# services that write on the lake's behalf may use it for their own resources only (docs/adr/0043). With a key of your own, this
# module creates none: its policy must say the same (output `kms_key_policy`).

locals {
  _iam = "arn:${var.site.partition}:iam::${var.site.account_id}"
  _use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]

  _administer = [
    "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:CreateGrant", "kms:DeleteAlias", "kms:DisableKey", "kms:EnableKey",
    "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListGrants",
    "kms:ListKeyPolicies", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RetireGrant", "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
  ]
}

resource "aws_kms_key" "lake" {
  count = var.kms_key_arn == "" ? 1 : 0

  description             = "${var.site.name}: everything that the lake stores"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = local._key_policy
}

resource "aws_kms_alias" "lake" {
  count = var.kms_key_arn == "" ? 1 : 0

  name          = "alias/${var.site.name}"
  target_key_id = aws_kms_key.lake[0].key_id
}

locals {
  _key = var.kms_key_arn == "" ? one(aws_kms_key.lake[*].arn) : var.kms_key_arn

  # In a key's policy "*" means this key; AWS has no other way to write it.
  _key_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([for sid in var.protected ? ["ProtectKey"] : [] : {
      Sid       = sid
      Effect    = "Deny"
      Principal = "*"
      Action    = ["kms:DisableKey", "kms:ScheduleKeyDeletion"]
      Resource  = "*"
      Condition = { ArnNotLike = { "aws:PrincipalArn" = concat(["${local._iam}:root"], var.break_glass) } }
      }], [
      {
        Sid       = "WhomIamAllows"
        Effect    = "Allow"
        Principal = { AWS = "${local._iam}:root" }
        Action    = concat(local._administer, local._use)
        Resource  = "*"
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
        # For the topic of alarms. As for the topic itself, EventBridge may not send the account: see modules/guard/alarms.tf.
        Sid       = "Rules"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEqualsIfExists = { "aws:SourceAccount" = var.site.account_id } }
      },
      {
        Sid       = "QueuesAndTopics"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "scheduler.amazonaws.com"] }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.site.account_id } }
      },
    ])
  })
}
