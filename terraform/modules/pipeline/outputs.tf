output "pipelines" {
  description = "The state machine of each dataset, and of each mart with its own schedule."
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
  description = "The topic that gets a notice of the end of each run."
  value       = aws_sns_topic.notices.arn
}

output "admit" {
  description = "The state machine that starts pipelines."
  value       = aws_sfn_state_machine.admit.name
}

output "route" {
  description = "The state machine that puts hints of arrivals into the queues."
  value       = aws_sfn_state_machine.route.name
}

output "ticks" {
  description = "What another tick needs: the machine `admit`, their role, their group, and the queue of what cannot be delivered."
  value = {
    admit           = aws_sfn_state_machine.admit.arn
    role_arn        = aws_iam_role.tick.arn
    group           = aws_scheduler_schedule_group.ticks.name
    undelivered_arn = aws_sqs_queue.undelivered.arn
  }
}

output "schedule_group" {
  description = "The group of the lake's schedules."
  value       = aws_scheduler_schedule_group.ticks.name
}
