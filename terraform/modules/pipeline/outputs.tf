output "pipelines" {
  description = "The state machine of each dataset (and of each mart with a schedule of its own)."
  value       = { for dataset, machine in aws_sfn_state_machine.pipeline : dataset => machine.name }
}

output "queues" {
  description = "The queue of each dataset's arrivals."
  value       = { for dataset, queue in aws_sqs_queue.arrivals : dataset => queue.name }
}

output "undelivered" {
  description = "The queue of what could not be delivered."
  value       = aws_sqs_queue.undelivered.name
}

output "topic_arn" {
  description = "Where every end of a run is told."
  value       = aws_sns_topic.notices.arn
}

output "admit" {
  description = "The machine that starts pipelines."
  value       = aws_sfn_state_machine.admit.name
}

output "schedule_group" {
  description = "The schedules' group, for further schedules of the lake."
  value       = aws_scheduler_schedule_group.ticks.name
}
