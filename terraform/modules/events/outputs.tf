output "function" {
  description = "The function that flattens documents."
  value       = aws_lambda_function.flatten.function_name
}

output "queues" {
  description = "The queues of documents: `incoming`, of the dead letters `dead`, of hints to crawl `landed`."
  value       = { incoming = aws_sqs_queue.incoming.name, dead = aws_sqs_queue.dead.name, landed = aws_sqs_queue.landed.name }
}

output "log_group" {
  description = "The log group of the function."
  value       = aws_cloudwatch_log_group.flatten.name
}

output "crawler" {
  description = "The crawler of what the function lands, and the machine that starts it."
  value       = { crawler = aws_glue_crawler.events.name, machine = aws_sfn_state_machine.crawl.name }
}

output "alarms" {
  description = "Every alarm, with the section of the runbook that it names."
  value       = { for name, alarm in local._alarms : "${var.site.name}-${name}" => alarm.page }
}
