output "topic_arn" {
  description = "The topic to which alarms and the budget send."
  value       = aws_sns_topic.alerts.arn
}

output "alarms" {
  description = "Every alarm, with the section of the runbook that it names."
  value       = { for name, alarm in local._alarms : "${var.site.name}-${name}" => alarm.page }
}

output "dashboard" {
  description = "The dashboard's name."
  value       = aws_cloudwatch_dashboard.lake.dashboard_name
}
