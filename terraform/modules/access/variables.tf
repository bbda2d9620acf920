variable "site" {
  description = "The lake's name, AWS partition, region and account; the path, the prefix and the boundary of its roles."
  type = object({
    name       = string
    partition  = string
    region     = string
    account_id = string
    roles      = object({ path = optional(string, "/"), prefix = optional(string, ""), boundary = string })
  })
}

variable "buckets" {
  description = "Bucket names."
  type = object({
    staging        = string
    warehouse      = string
    athena_etl     = string
    athena_results = string
    reports        = string
    artifacts      = string
    state          = string
  })
}

variable "kms_key_arns" {
  description = "The key of the lake and the key of the artifacts bucket."
  type        = object({ lake = string, artifacts = string })
}

variable "databases" {
  description = "The Glue databases: of the published tables, of the crawled raw tables, of the SQL ETL."
  type        = object({ warehouse = string, staging = string, etl = string })
}

variable "workgroup" {
  description = "The Athena workgroup of analysts; that of engineers has the same name with `-engineers`."
  type        = string
}

variable "github_repository" {
  description = "The repository (owner/name) whose workflows may deploy; empty: no role for workflows."
  type        = string

  validation {
    condition     = var.github_repository == "" || can(regex("^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository `${var.github_repository}` is not owner/name."
  }
}

variable "github_environment" {
  description = "The GitHub environment in which a deploying workflow must run."
  type        = string
}

variable "prefix" {
  description = "The prefix of the tables' names."
  type        = string
}

variable "verify" {
  description = "True: create the role of `make verify`."
  type        = bool
}

variable "protected" {
  description = "True: the deployer may not delete buckets, databases and the key; an administrator ends the protection."
  type        = bool
  default     = false
}

variable "trusted_principals" {
  description = "Who may take the roles engineer, operator, analyst and verify; a role that is not named here trusts the account."
  type        = map(list(string))

  validation {
    condition     = length(setsubtract(keys(var.trusted_principals), ["engineer", "operator", "analyst", "verify"])) == 0
    error_message = "trusted_principals ${jsonencode(keys(var.trusted_principals))}: the roles are engineer, operator, analyst, verify."
  }
  validation {
    condition     = !anytrue([for principal in flatten(values(var.trusted_principals)) : strcontains(principal, "*")])
    error_message = "trusted_principals ${jsonencode(values(var.trusted_principals))}: name principals, a `*` would trust everybody."
  }
}

variable "deployer_boundary" {
  description = "The permissions boundary of the deploying roles, if your organisation requires one; null: none, because they need IAM."
  type        = string
}

variable "options" {
  description = "Which options of the lake are on: what they are for changes the rights of analysts and what a deployer looks at."
  type = object({
    network         = optional(bool, false)
    lake_formation  = optional(bool, false)
    encrypt_catalog = optional(bool, false)
    audit           = optional(bool, false)
  })
  default = {}
}
