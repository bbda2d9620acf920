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
    step            = string
    freshness_hours = number
    owner           = string
  }))
}

variable "notices_arn" {
  description = "The topic of notices, which tell what has become late."
  type        = string
}

variable "notify_owners" {
  description = "True: a contract's owner, if that is an address, gets an email when the dataset becomes late."
  type        = bool
  default     = false
}

variable "warehouse_bucket" {
  description = "The bucket of the published tables."
  type        = string
}

variable "kms_key_arn" {
  description = "The lake's key."
  type        = string
}

variable "undelivered_queue" {
  description = "The queue of what could not be delivered."
  type        = string
}

variable "admit" {
  description = "The state machine that starts pipelines."
  type        = string
}

variable "route" {
  description = "The state machine that puts hints of arrivals into the queues."
  type        = string
}

variable "workgroup" {
  description = "The Athena workgroup of analysts; that of engineers has the same name with `-engineers`."
  type        = string
}

variable "schedule_group" {
  description = "The group of the lake's schedules."
  type        = string
}

variable "notify_emails" {
  description = "Who gets an email of alarms and the budget."
  type        = list(string)
}

variable "monthly_budget_usd" {
  description = "The account's budget per month."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd `${var.monthly_budget_usd}` must be above 0."
  }
}

variable "athena_daily_limit_gb" {
  description = "An alarm goes off if a day's queries read more than this."
  type        = number

  validation {
    condition     = var.athena_daily_limit_gb > 0
    error_message = "athena_daily_limit_gb `${var.athena_daily_limit_gb}` must be above 0."
  }
}

variable "wait_limit_min" {
  description = "An alarm goes off if arrivals wait this many minutes for a run to end."
  type        = number
  default     = 120
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}
