variable "site" {
  description = "The lake's name, AWS partition, region and account; the path, the prefix and the boundary of its roles."
  type = object({
    name       = string
    partition  = string
    region     = string
    account_id = string
    roles      = optional(object({ path = optional(string, "/"), prefix = optional(string, ""), boundary = optional(string) }), {})
  })
}

variable "contracts" {
  description = "What this module reads of each contract."
  type = map(object({
    table_format = string
    columns      = list(object({ name = string, classification = string }))
  }))
}

variable "tables" {
  description = "The datasets with Iceberg tables that have been published once, so that their tables exist and can be tagged."
  type        = set(string)
  default     = []
}

variable "database" {
  description = "The database of the published tables."
  type        = string
}

variable "prefix" {
  description = "The prefix of the tables' names."
  type        = string
}

variable "warehouse_bucket" {
  description = "The bucket of the published tables."
  type        = string
}

variable "kms_key_arn" {
  description = "The key of that bucket."
  type        = string
}

variable "analyst_arn" {
  description = "The role of analysts."
  type        = string
}
