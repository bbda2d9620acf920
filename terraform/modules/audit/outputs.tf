output "bucket" {
  description = "The bucket of the records."
  value       = local._bucket

  depends_on = [aws_s3_bucket.audit]
}
