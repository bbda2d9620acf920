variable "site" {
  description = "The lake's name, AWS partition, region and account; the path and the prefix of its roles."
  type = object({
    name       = string
    partition  = string
    region     = string
    account_id = string
    roles      = optional(object({ path = optional(string, "/"), prefix = optional(string, "") }), {})
  })
}

variable "buckets" {
  description = "The names of the buckets that roles may use, by role."
  type        = map(string)
}

variable "databases" {
  description = "The names of the Glue databases that roles may use, by role."
  type        = map(string)
}

variable "masking_secret" {
  description = "The older way: one secret with all masking keys; empty: each domain has its own."
  type        = string
}

variable "options" {
  description = "Which options of the lake are on that its roles need rights for."
  type = object({
    network        = optional(bool, false)
    lake_formation = optional(bool, false)
    verify         = optional(bool, false)
  })
  default = {}
}

variable "redshift" {
  description = "Where statements of Redshift run: the cluster, or the ARN of the workgroup, with its database. Null: no Redshift."
  type        = object({ cluster = optional(string, ""), workgroup_arn = optional(string, ""), database = optional(string, "dev") })
  default     = null
}
