variable "name" {
  description = "The lake's name; the name of every resource begins with it. One per environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name))
    error_message = "name `${var.name}` must be lower case letters, digits and hyphens, since bucket names begin with it."
  }
  validation {
    condition     = !can(regex("-(job|start)(-|$)", var.name))
    error_message = "name `${var.name}` must not have the part `job` or `start`: roles of the lake before it are named so."
  }
}

variable "environment" {
  description = "The environment's name, for tags only; nothing depends on it."
  type        = string
}

variable "region" {
  description = "The AWS region of the lake."
  type        = string
}

variable "allowed_regions" {
  description = "The regions in which this environment is allowed."
  type        = list(string)
}

variable "allowed_account_ids" {
  description = "The accounts in which this environment is allowed; empty: the account of whoever plans."
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
  description = "The prefix of the tables' names."
  type        = string
  default     = "tbl_"
}

variable "masking_secret" {
  description = "The older way: one secret with the masking keys of all domains. Leave it empty: each domain has a secret of its own."
  type        = string
  default     = ""
}

variable "protected" {
  description = "True: nobody can delete buckets or object versions, and `terraform destroy` refuses; before it set false and apply."
  type        = bool
}

variable "break_glass" {
  description = "ARNs of roles, or patterns of such, that may end the protection of a lake; the account's root user always may."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.break_glass : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$", arn))])
    error_message = "break_glass ${jsonencode(var.break_glass)}: name roles, such as arn:aws:iam::123456789012:role/admin."
  }
}

variable "quotas" {
  description = "The account's quotas that datasets use up, as Service Quotas shows them; the defaults are AWS's."
  type = object({
    iam_roles = optional(number, 1000)
    glue_jobs = optional(number, 1000)
  })
  default = {}
}

variable "former_rules" {
  description = "True, while a lake with a rule per dataset is upgraded: keeps those until the one rule delivers (docs/UPGRADING.md)."
  type        = bool
  default     = false
}

variable "window_min" {
  description = "Minutes of a window: queues of arrivals are checked once per window, and a dataset starts at most once in it."
  type        = number
  default     = 5

  validation {
    condition     = contains([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30], var.window_min)
    error_message = "window_min `${var.window_min}` does not divide an hour; use 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30."
  }
}

variable "weekly" {
  description = "When weekly schedules run, in UTC: minute, hour and day of the week, as in a cron expression."
  type        = object({ minute = number, hour = number, day = string })
  default     = { minute = 0, hour = 4, day = "MON" }
}

variable "crawl_at_hour" {
  description = "The hour (UTC) of daily and weekly crawls."
  type        = number
  default     = 3
}

variable "event_function" {
  description = "The function of the event path: architecture, runtime, memory_mb, timeout_s, concurrency and more (modules/events)."
  type = object({
    architecture    = optional(string, "arm64")
    runtime         = optional(string)
    memory_mb       = optional(number, 1024)
    timeout_s       = optional(number, 120)
    batch           = optional(number, 10)
    concurrency     = optional(number, 10)
    reserve         = optional(bool, true)
    max_document_mb = optional(number, 512)
    trace           = optional(bool, false)
  })
  default = {}
}

variable "event_crawl_every_min" {
  description = "Minutes between two crawls of landed documents at least: AWS bills each crawl as ten minutes or more."
  type        = number
  default     = 60
}

variable "staging_archive_days" {
  description = "Days after which raw files and documents move to Glacier Instant Retrieval, where they stay readable at once."
  type        = number
  default     = 90
}

variable "exports_days" {
  description = "Days that exports for the warehouse are kept; a load that is later needs a whole export (docs/WAREHOUSE.md)."
  type        = number
  default     = 35
}

variable "results_days" {
  description = "Days that results of Athena queries are kept."
  type        = number
  default     = 14
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 90
}

variable "notify_emails" {
  description = "Who gets an email of failures, alarms and the budget; each address must confirm once."
  type        = list(string)
  default     = []
}

variable "notify_owners" {
  description = "True: a contract's owner, if that is an address, gets an email when the dataset becomes late, and must confirm once."
  type        = bool
  default     = false
}

variable "monthly_budget_usd" {
  description = "The budget: alerts at 50, 80 and 100 per cent of it, and when 100 per cent is forecast."
  type        = number
}

variable "athena_scan_limit_gb" {
  description = "Athena cancels a query that would read more than this."
  type        = number
}

variable "athena_daily_limit_gb" {
  description = "An alarm goes off if a day's queries read more than this."
  type        = number
}

variable "github_repository" {
  description = "The repository (owner/name) whose workflows may deploy by OIDC; empty: no role for workflows."
  type        = string
  default     = ""
}

variable "permissions_boundary" {
  description = "The ARN of the permissions boundary that your organisation requires of every role; empty: one of the lake's own."
  type        = string
  default     = ""

  validation {
    condition     = var.permissions_boundary == "" || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary `${var.permissions_boundary}` is not the ARN of a policy."
  }
}

variable "role_path" {
  description = "The IAM path of roles and policies, if your organisation requires one."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9+=,.@_-]+/)*$", var.role_path))
    error_message = "role_path `${var.role_path}` must begin and end with a slash, as in `/data/lakes/`."
  }
}

variable "role_prefix" {
  description = "What the names of roles and policies begin with, before the lake's name, if your organisation has a naming scheme."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]*$", var.role_prefix))
    error_message = "role_prefix `${var.role_prefix}` has a character that IAM does not allow in a name."
  }
}

variable "retire" {
  description = "Datasets without a contract that this plan may remove, as `make rollback RETIRE=name,name` names them."
  type        = list(string)
  default     = []
}

variable "verify" {
  description = "True: create the role that `make verify` needs (docs/VERIFY.md)."
  type        = bool
  default     = false
}

variable "trusted_principals" {
  description = "Who may take the roles engineer, operator, analyst, verify, warehouse-loader, warehouse-owner; others trust the account."
  type        = map(list(string))
  default     = {}
}

variable "tags" {
  description = "More tags for every resource."
  type        = map(string)
  default     = {}
}
