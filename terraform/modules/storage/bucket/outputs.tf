output "bucket" {
  description = "The bucket's name; using it waits for the bucket."
  value       = aws_s3_bucket.this.bucket
}
