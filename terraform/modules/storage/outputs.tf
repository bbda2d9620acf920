output "buckets" {
  description = "Bucket names by role; what uses a name waits for the bucket."
  value       = local._buckets
}

output "kms_key_arn" {
  description = "The key that encrypts everything that the lake stores."
  value       = local._key
}

output "kms_key_policy" {
  description = "What the policy of the key must allow, for a key of your own."
  value       = local._key_policy
}

output "masking_secrets" {
  description = "By masking domain: the name of the secret that holds its key."
  value       = { for domain, secret in aws_secretsmanager_secret.masking : domain => secret.name }
}
