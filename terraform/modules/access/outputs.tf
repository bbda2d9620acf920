output "roles" {
  description = "The roles for people."
  value       = { for name, role in aws_iam_role.person : name => role.arn }
}

output "deploy_policies" {
  description = "The policies that a deployer needs; attach them to whoever runs `make apply`."
  value       = { for name, policy in aws_iam_policy.deploy : name => policy.arn }
}

output "github_role" {
  description = "The role that deploying workflows take; null without a repository."
  value       = one(aws_iam_role.github[*].arn)
}

output "github_plan_role" {
  description = "The role that planning workflows take, which changes nothing; null without a repository."
  value       = one(aws_iam_role.planner[*].arn)
}

output "verify_role" {
  description = "The role of `make verify`; null unless `verify` is true."
  value       = one(aws_iam_role.verify[*].arn)
}
