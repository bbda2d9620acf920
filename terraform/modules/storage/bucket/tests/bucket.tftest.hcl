mock_provider "aws" {
  source = "../../../tests/mocks"
}

variables {
  bucket      = "test-warehouse"
  partition   = "aws"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  protected   = true
}

run "a_protected_bucket_can_be_deleted_by_nobody" {
  command = plan

  assert {
    condition = [for statement in local._statements : statement.Sid] == [
      "OnlyTls", "ProtectBucket", "ProtectPolicy", "ProtectVersions",
    ]
    error_message = "Statements ${jsonencode(local._statements)}."
  }
  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "A destroy would delete the objects too."
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Versioning is off."
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Public access is not blocked."
  }
  assert {
    condition     = length(aws_s3_bucket_notification.this) == 0
    error_message = "Only staging sends events."
  }
}

run "without_protection_it_can" {
  command = plan

  variables {
    protected = false
    events    = true
  }

  assert {
    condition     = jsonencode([for statement in local._statements : statement.Sid]) == jsonencode(["OnlyTls"])
    error_message = "Statements ${jsonencode(local._statements)}."
  }
  assert {
    condition     = aws_s3_bucket_notification.this[0].eventbridge
    error_message = "Events must go to EventBridge."
  }
}

run "a_name_that_is_too_long_is_refused" {
  command = plan

  variables {
    bucket = "a-name-that-is-far-too-long-for-a-bucket-of-the-simple-storage-service"
  }

  expect_failures = [var.bucket]
}
