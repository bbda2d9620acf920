variable "name" {
  description = "The lake's name; every name of the platform begins with it. One per environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name))
    error_message = "name `${var.name}` must be lower case letters, digits and hyphens, since bucket names begin with it."
  }
}

variable "environment" {
  description = "The environment's name, for tags only; nothing behaves differently because of it."
  type        = string
}

variable "region" {
  description = "Where the lake lies."
  type        = string
}

variable "allowed_regions" {
  description = "Regions that this environment may lie in."
  type        = list(string)
}

variable "allowed_account_ids" {
  description = "Accounts that this environment may lie in; empty: the account of whoever plans."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.allowed_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "allowed_account_ids ${jsonencode(var.allowed_account_ids)}: an account id has twelve digits."
  }
}

variable "contracts_dir" {
  description = "The folder of the contracts."
  type        = string
  default     = "../contracts"
}

variable "sql_dir" {
  description = "The folder with marts/, analysis/ and athena/."
  type        = string
  default     = "../sql"
}

variable "release" {
  description = "The released version that jobs run: releases/<release>/ in the artifacts bucket."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+[a-z0-9.]*$", var.release))
    error_message = "release `${var.release}` is not a version such as 0.1.0."
  }
}

variable "artifacts_bucket" {
  description = "The bucket of the releases (terraform/bootstrap); null: headgate-artifacts-<account>-<region>."
  type        = string
  default     = null
}

variable "database" {
  description = "The Glue database of the published tables."
  type        = string
  default     = "data_warehouse_db"
}

variable "staging_database" {
  description = "The Glue database of the crawled raw tables."
  type        = string
  default     = "staging_db"
}

variable "etl_database" {
  description = "The Glue database of the SQL ETL's tables and views; two lakes in one account and region need two."
  type        = string
  default     = "athena_etl_db"
}

variable "prefix" {
  description = "What the names of tables begin with."
  type        = string
  default     = "tbl_"
}

variable "masking_secret" {
  description = "The Secrets Manager secret with the masking keys (domain to 64 hex digits); needed once a column is classified. Its content is not Terraform's."
  type        = string
  default     = ""
}

variable "protected" {
  description = "Deny everybody to delete buckets and object versions; set false, apply, and only then destroy."
  type        = bool
}

variable "window_min" {
  description = "Arrivals are looked at once in so many minutes; a dataset starts at most once in each."
  type        = number
  default     = 5

  validation {
    condition     = contains([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30], var.window_min)
    error_message = "window_min `${var.window_min}` does not divide an hour; use 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30."
  }
}

variable "weekly" {
  description = "When `weekly` is, as the first, second and fifth field of a schedule in UTC: minute, hour, day of the week."
  type        = object({ minute = number, hour = number, day = string })
  default     = { minute = 0, hour = 4, day = "MON" }
}

variable "crawl_at_hour" {
  description = "The hour (UTC) of daily and weekly crawls."
  type        = number
  default     = 3
}

variable "staging_archive_days" {
  description = "After so many days raw files move to Glacier Instant Retrieval; they stay readable at once."
  type        = number
  default     = 90
}

variable "results_days" {
  description = "After so many days results of Athena queries are gone."
  type        = number
  default     = 14
}

variable "log_retention_days" {
  description = "After so many days logs are gone."
  type        = number
  default     = 90
}

variable "notify_emails" {
  description = "Who is told of failures, alarms and the budget; each address confirms once."
  type        = list(string)
  default     = []
}

variable "monthly_budget_usd" {
  description = "The budget that alerts at 50, 80 and 100 per cent, and when 100 is forecast."
  type        = number
}

variable "athena_scan_limit_gb" {
  description = "A query that would read more is cancelled."
  type        = number
}

variable "athena_daily_limit_gb" {
  description = "An alarm when a day's queries have read more."
  type        = number
}

variable "github_repository" {
  description = "owner/name of the repository whose workflows may deploy by OIDC; empty: no such role."
  type        = string
  default     = ""
}

variable "github_oidc_provider" {
  description = "True: make the account's OIDC provider of GitHub; false: it exists already (one per account)."
  type        = bool
  default     = true
}

variable "retire" {
  description = "Datasets that may go with this plan although no line under `retired:` says so: what `make rollback RETIRE=name,name` names, since an older release cannot."
  type        = list(string)
  default     = []
}

variable "verify" {
  description = "True: make the role that `make verify` needs (docs/VERIFY.md)."
  type        = bool
  default     = false
}

variable "trusted_principals" {
  description = "Who may take the roles engineer, operator, analyst and verify; empty: the account, that is whoever its administrators allow."
  type        = map(list(string))
  default     = {}
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}
}
