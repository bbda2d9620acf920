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
  description = "By role, who may take it; a role that is not named here trusts the account. The roles of the warehouse: modules/redshift."
  type        = map(list(string))

  validation {
    condition = length(setsubtract(
      keys(var.trusted_principals), ["engineer", "operator", "analyst", "verify", "warehouse-loader", "warehouse-owner"]
    )) == 0
    error_message = join(" ", [
      "trusted_principals ${jsonencode(keys(var.trusted_principals))}: the roles are engineer, operator, analyst, verify,",
      "warehouse-loader, warehouse-owner.",
    ])
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
    redshift        = optional(bool, false)
  })
  default = {}
}

variable "redshift" {
  description = "Where statements of Redshift run: the cluster, or the ARN of the workgroup, with its database. Null: no Redshift."
  type        = object({ cluster = optional(string, ""), workgroup_arn = optional(string, ""), database = optional(string, "dev") })
  default     = null
}
