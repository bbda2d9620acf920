locals {
  _arn = "arn:${var.partition}:s3:::${var.bucket}"

  _statements = concat(
    [{
      Sid       = "OnlyTls"
      Effect    = "Deny"
      Principal = "*"
      # In a deny a wildcard narrows what is allowed; any list of actions would leave some allowed.
      Action    = ["s3:*"]
      Resource  = [local._arn, "${local._arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }],
    [for sid in var.protected ? ["ProtectBucket"] : [] : {
      Sid       = sid
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:DeleteBucket"]
      Resource  = [local._arn]
    }],
    # Without this, `terraform destroy` would delete this policy first and the data next. S3 lets the account's root user change it
    # in any case, so that nobody locks themselves out.
    [for sid in var.protected ? ["ProtectPolicy"] : [] : {
      Sid       = sid
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:DeleteBucketPolicy", "s3:PutBucketPolicy"]
      Resource  = [local._arn]
      Condition = { ArnNotLike = { "aws:PrincipalArn" = concat(["arn:${var.partition}:iam::*:root"], var.break_glass) } }
    }],
    # Terraform deletes a marker with all its versions; the versions of every other object are protected.
    [for sid in var.protected ? ["ProtectVersions"] : [] : {
      Sid         = sid
      Effect      = "Deny"
      Principal   = "*"
      Action      = ["s3:DeleteObjectVersion"]
      NotResource = concat([local._arn], [for pattern in var.markers : "${local._arn}/${pattern}"])
    }],
  )
}

resource "aws_s3_bucket" "this" {
  bucket        = var.bucket
  force_destroy = false
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local._statements })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "replaced-objects"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  dynamic "rule" {
    for_each = var.rules

    content {
      id     = rule.key
      status = "Enabled"

      filter {
        prefix = rule.value.prefix
      }

      dynamic "expiration" {
        for_each = rule.value.expire_days == null ? [] : [rule.value.expire_days]

        content {
          days = expiration.value
        }
      }

      dynamic "transition" {
        for_each = rule.value.archive_days == null ? [] : [rule.value.archive_days]

        content {
          days          = transition.value
          storage_class = "GLACIER_IR"
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_notification" "this" {
  count = var.events ? 1 : 0

  bucket      = aws_s3_bucket.this.id
  eventbridge = true
}
