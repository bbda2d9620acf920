output "trust" {
  description = "By AWS service (glue, scheduler, states), the trust policy of a role that the service takes."
  value       = local._trust.services
}

output "trust_of_people" {
  description = "The trust policy of each role in `people`."
  value       = local._trust.people
}

output "trust_of_workflows" {
  description = "The trust policies of the roles `deploy` and `plan` that GitHub workflows take."
  value       = local._trust.workflows
}

output "services" {
  description = "The AWS services that take roles of the lake, as principals."
  value       = [for service in local._services : "${service}.amazonaws.com"]
}

output "deliver_logs" {
  description = "The statement that lets a state machine deliver its logs."
  value       = local._deliver_logs
}

output "put_metrics" {
  description = "The statements that let `jobs` and state `machines` put their metrics."
  value       = local._put_metrics
}
