output "buckets" {
  description = "Bucket names by role; what uses a name waits for the bucket."
  value       = { for role, bucket in module.bucket : role => bucket.bucket }
}

output "kms_key_arn" {
  description = "The key that encrypts everything that the lake stores."
  value       = aws_kms_key.lake.arn
}
