output "trust" {
  description = "By AWS service (events, glue, scheduler, states), the trust policy of a role that the service takes."
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

output "take_role" {
  description = "The action by which a person or service takes a role."
  value       = local._take_role
}

output "deliver_logs" {
  description = "The statement that lets a state machine deliver its logs."
  value       = local._deliver_logs
}

output "put_metrics" {
  description = "The statements that let `jobs` and state `machines` put their metrics."
  value       = local._put_metrics
}

output "trace" {
  description = "The statement that lets a function send its traces to AWS X-Ray."
  value       = local._trace
}

output "console" {
  description = "The domain of the AWS console in this partition; a region's has the region in front."
  value       = lookup(local._consoles, var.site.partition, local._consoles.aws)
}

output "join_network" {
  description = "The statements that let Glue's workers and Lambda's functions into a subnet."
  value       = { functions = [local._join_network], jobs = [local._join_network, local._tag_interfaces] }
}

output "redshift" {
  description = "The statements that let a role run statements in Redshift under its own name; none without `redshift`."
  value       = concat(local._redshift, local._redshift_sign_in)
}
