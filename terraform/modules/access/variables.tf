variable "site" {
  description = "The lake's name, AWS partition, region and account."
  type        = object({ name = string, partition = string, region = string, account_id = string })
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
  description = "The Athena workgroup of the lake."
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

variable "github_oidc_provider" {
  description = "True: create the account's OIDC provider for GitHub; false: it exists already."
  type        = bool
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
