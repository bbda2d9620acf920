output "bucket" {
  description = "The bucket's name; what uses it waits for the bucket, its versioning and its encryption."
  value       = aws_s3_bucket.this.bucket

  # An object that is put before versioning is on has no version: `destroy` would leave it, and so the bucket.
  depends_on = [aws_s3_bucket_versioning.this, aws_s3_bucket_server_side_encryption_configuration.this]
}
