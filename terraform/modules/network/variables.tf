variable "site" {
  description = "The lake's name, AWS partition, region and account."
  type        = object({ name = string, partition = string, region = string, account_id = string })
}

variable "network" {
  description = "Your VPC, its private subnets, more security groups, and whether to create endpoints (route tables: for S3's)."
  type = object({
    vpc_id             = string
    subnet_ids         = list(string)
    security_group_ids = optional(list(string), [])
    create_endpoints   = optional(bool, false)
    route_table_ids    = optional(list(string), [])
  })

  validation {
    condition     = length(var.network.subnet_ids) > 0
    error_message = "network.subnet_ids is empty: name at least one private subnet of ${var.network.vpc_id}."
  }
  validation {
    condition     = !var.network.create_endpoints || length(var.network.route_table_ids) > 0
    error_message = "network.route_table_ids is empty: S3's endpoint needs the route tables of the subnets."
  }
}
