output "buckets" {
  description = "Bucket names by role; using one waits for the bucket."
  value       = { for role, one in module.bucket : role => one.bucket }
}

output "kms_key_arn" {
  description = "The key of all that the lake stores."
  value       = aws_kms_key.lake.arn
}
