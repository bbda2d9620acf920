variable "site" {
  description = "The lake's name and where it lies."
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
  description = "The keys of the lake and of the artifacts."
  type        = object({ lake = string, artifacts = string })
}

variable "databases" {
  description = "The Glue databases: published, raw, and what the SQL ETL makes."
  type        = object({ warehouse = string, staging = string, etl = string })
}

variable "workgroup" {
  description = "The Athena workgroup of the lake."
  type        = string
}

variable "github_repository" {
  description = "owner/name of the repository whose workflows may deploy; empty: no such role."
  type        = string

  validation {
    condition     = var.github_repository == "" || can(regex("^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository `${var.github_repository}` is not owner/name."
  }
}

variable "github_oidc_provider" {
  description = "True: make the account's OIDC provider of GitHub; false: it exists already."
  type        = bool
}

variable "github_environment" {
  description = "The GitHub environment that a deploying workflow must run in."
  type        = string
}

variable "prefix" {
  description = "What the names of tables begin with."
  type        = string
}

variable "verify" {
  description = "True: make the role of `make verify`."
  type        = bool
}

variable "trusted_principals" {
  description = "Who may take engineer, operator, analyst and verify; a role that is not named trusts the account."
  type        = map(list(string))

  validation {
    condition     = length(setsubtract(keys(var.trusted_principals), ["engineer", "operator", "analyst", "verify"])) == 0
    error_message = "trusted_principals ${jsonencode(keys(var.trusted_principals))}: the roles are engineer, operator, analyst, verify."
  }
  validation {
    condition     = !anytrue([for one in flatten(values(var.trusted_principals)) : strcontains(one, "*")])
    error_message = "trusted_principals ${jsonencode(flatten(values(var.trusted_principals)))}: name principals, a `*` would trust everybody."
  }
}
