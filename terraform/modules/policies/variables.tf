variable "site" {
  description = "The lake's name, AWS partition, region and account."
  type        = object({ name = string, partition = string, region = string, account_id = string })
}

variable "people" {
  description = "For each role that people take, the principals that may take it; null: whoever the account's administrators allow."
  type        = map(list(string))
  default     = {}
}

variable "github" {
  description = "The repository (owner/name) whose workflows may take a role, and the GitHub environment in which they deploy."
  type        = object({ repository = string, environment = string })
  default     = { repository = "", environment = "" }
}

variable "redshift" {
  description = "The cluster, or the ARN of the workgroup, with its database; neither: the lake's own workgroup. Null: no Redshift."
  type        = object({ cluster = optional(string, ""), workgroup_arn = optional(string, ""), database = optional(string, "dev") })
  default     = null
}
