output "bucket" {
  description = "The bucket's name; using it waits for the bucket, its versions and its key."
  value       = aws_s3_bucket.this.bucket

  # An object put before versions are kept has none: `destroy` would leave it behind a marker, and the bucket with it.
  depends_on = [aws_s3_bucket_versioning.this, aws_s3_bucket_server_side_encryption_configuration.this]
}
