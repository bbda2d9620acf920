# Apply this once per account and region, before anything else. It creates the bucket of Terraform's state, the bucket of the
# releases, and their key. Its own state is a local file that you may delete: `terraform import` finds everything by name.

variable "region" {
  description = "The AWS region of the buckets, and of the lakes that use them."
  type        = string
}

variable "allowed_account_ids" {
  description = "The accounts in which bootstrap is allowed; empty: the account of whoever applies."
  type        = list(string)
  default     = []
}

variable "break_glass" {
  description = "ARNs of roles, or patterns of such, that may change the policies of both buckets; the account's root user always may."
  type        = list(string)
  default     = []
}

provider "aws" {
  region              = var.region
  allowed_account_ids = length(var.allowed_account_ids) > 0 ? var.allowed_account_ids : null

  default_tags {
    tags = { Project = "headgate", ManagedBy = "terraform" }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  _account = data.aws_caller_identity.current.account_id
  _buckets = { for role in ["state", "artifacts"] : role => "headgate-${role}-${local._account}-${var.region}" }
}

module "bucket" {
  source   = "../modules/storage/bucket"
  for_each = local._buckets

  bucket          = each.value
  kms_key_arn     = aws_kms_key.bootstrap.arn
  protected       = true
  break_glass     = var.break_glass
  markers         = each.key == "artifacts" ? ["lakes/*/datasets/*"] : ["*.tflock"]
  partition       = data.aws_partition.current.partition
  noncurrent_days = 365 # a state can be brought back for a year
}

resource "aws_kms_key" "bootstrap" {
  description             = "headgate: state and releases"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  # In a key's policy "*" means this key. The roles' own policies decide who may use it.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ThisAccount"
      Effect    = "Allow"
      Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${local._account}:root" }
      Action = [
        "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:CreateGrant", "kms:Decrypt", "kms:DeleteAlias", "kms:DescribeKey",
        "kms:DisableKey", "kms:EnableKey", "kms:EnableKeyRotation", "kms:Encrypt", "kms:GenerateDataKey", "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListResourceTags",
        "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
        "kms:UpdateAlias", "kms:UpdateKeyDescription",
      ]
      Resource = "*"
    }]
  })
}

# terraform/lake.tf finds the key by this name.
resource "aws_kms_alias" "bootstrap" {
  name          = "alias/headgate-artifacts"
  target_key_id = aws_kms_key.bootstrap.key_id
}

output "buckets" {
  description = "The buckets of state and releases; pass the name of the first to `terraform init -backend-config`."
  value       = { for role, bucket in module.bucket : role => bucket.bucket }
}
