output "connections" {
  description = "The names of the Glue connections by which jobs run in the subnets."
  value       = values(local._connections)

  depends_on = [aws_glue_connection.subnet]
}

output "function" {
  description = "The subnets and security groups of the function."
  value       = { subnet_ids = var.network.subnet_ids, security_group_ids = local._group_ids }
}
