output "names" {
  description = "The Glue job of each dataset."
  value       = { for dataset, job in aws_glue_job.step : dataset => job.name }
}

output "maintain" {
  description = "For each dataset, the job that maintains its table."
  value       = { for dataset, job in aws_glue_job.maintain : dataset => job.name }
}

output "roles" {
  description = "The role of each dataset's job."
  value       = { for dataset, role in aws_iam_role.job : dataset => role.name }
}

output "log_groups" {
  description = "The log groups of all jobs."
  value       = { for name, group in aws_cloudwatch_log_group.jobs : name => group.name }
}
