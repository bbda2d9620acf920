# Who read and wrote which object: S3's access logs (free but for their storage, delivered as S3 finds the time), or CloudTrail's
# data events (billed by event, complete, with the role's session). The records lie in a bucket of their own, which the lake's
# roles and its deployer cannot change.

locals {
  _arn    = "arn:${var.site.partition}"
  _bucket = "${var.site.name}-audit-${var.site.account_id}-${var.site.region}"
  _at     = "${local._arn}:s3:::${local._bucket}"
  _trail  = "${local._arn}:cloudtrail:${var.site.region}:${var.site.account_id}:trail/${var.site.name}"
  _logs   = var.kind == "access_logs"

  _deliver = {
    access_logs = [{
      Sid       = "DeliverAccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = ["s3:PutObject"]
      Resource  = ["${local._at}/*"]
      Condition = {
        ArnLike      = { "aws:SourceArn" = [for bucket in values(var.buckets) : "${local._arn}:s3:::${bucket}"] }
        StringEquals = { "aws:SourceAccount" = var.site.account_id }
      }
    }]
    data_events = [
      {
        Sid       = "LookAtBucket"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["s3:GetBucketAcl"]
        Resource  = [local._at]
        Condition = { StringEquals = { "aws:SourceArn" = local._trail } }
      },
      {
        Sid       = "DeliverDataEvents"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["s3:PutObject"]
        Resource  = ["${local._at}/AWSLogs/${var.site.account_id}/*"]
        Condition = { StringEquals = { "aws:SourceArn" = local._trail, "s3:x-amz-acl" = "bucket-owner-full-control" } }
      },
    ]
  }
  _only_tls = {
    Sid       = "OnlyTls"
    Effect    = "Deny"
    Principal = "*"
    Action    = ["s3:*"] # in a deny a wildcard narrows what is allowed
    Resource  = [local._at, "${local._at}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
}

resource "aws_s3_bucket" "audit" {
  bucket        = local._bucket
  force_destroy = false
}

# S3 delivers access logs only to a bucket whose default encryption is with S3's own key.
resource "aws_s3_bucket_server_side_encryption_configuration" "audit" {
  bucket = aws_s3_bucket.audit.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "audit" {
  bucket = aws_s3_bucket.audit.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "audit" {
  bucket = aws_s3_bucket.audit.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "audit" {
  bucket = aws_s3_bucket.audit.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "audit" {
  bucket = aws_s3_bucket.audit.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.keep_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.audit]
}

resource "aws_s3_bucket_policy" "audit" {
  bucket = aws_s3_bucket.audit.id
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([local._only_tls], local._deliver[var.kind]) })

  depends_on = [aws_s3_bucket_public_access_block.audit]
}

resource "aws_s3_bucket_logging" "each" {
  for_each = local._logs ? var.buckets : {}

  bucket        = each.value
  target_bucket = aws_s3_bucket.audit.id
  target_prefix = "${each.key}/"

  depends_on = [aws_s3_bucket_policy.audit]
}

resource "aws_cloudtrail" "objects" {
  count = local._logs ? 0 : 1

  name                          = var.site.name
  s3_bucket_name                = aws_s3_bucket.audit.id
  include_global_service_events = false
  is_multi_region_trail         = false
  enable_log_file_validation    = true

  advanced_event_selector {
    name = "Objects of ${var.site.name}"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
    field_selector {
      field       = "resources.ARN"
      starts_with = [for bucket in values(var.buckets) : "${local._arn}:s3:::${bucket}/"]
    }
  }

  depends_on = [aws_s3_bucket_policy.audit]
}
