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

variable "datasets" {
  description = "The datasets that a query may name."
  type        = list(string)
}

variable "classified" {
  description = "For each dataset with classified columns, the words by which SQL could name one of them in raw files."
  type        = map(list(string))
  default     = {}
}

variable "sql_dir" {
  description = "The folder with analysis/ (named queries) and athena/ (SQL ETL)."
  type        = string
}

variable "database" {
  description = "The database of the published tables."
  type        = string
}

variable "staging_database" {
  description = "The database of the crawled raw tables."
  type        = string
}

variable "etl_database" {
  description = "The database of the SQL ETL's tables and views."
  type        = string
  default     = "athena_etl_db"
}

variable "prefix" {
  description = "The prefix of the tables' names."
  type        = string
}

variable "buckets" {
  description = "Bucket names."
  type        = object({ staging = string, athena_etl = string, athena_results = string })
}

variable "kms_key_arn" {
  description = "The lake's key."
  type        = string
}

variable "scan_limit_gb" {
  description = "Athena cancels a query that would read more than this."
  type        = number

  validation {
    condition     = var.scan_limit_gb >= 1
    error_message = "athena_scan_limit_gb `${var.scan_limit_gb}` must be at least 1."
  }
}

variable "etl_at_hour" {
  description = "The hour (UTC) at which the SQL ETL starts, after the crawl."
  type        = number
}

variable "topic_arn" {
  description = "The topic for notices of failed runs."
  type        = string
}

variable "undelivered_queue" {
  description = "The queue of what could not be delivered."
  type        = string
}

variable "schedule_group" {
  description = "The group of the lake's schedules."
  type        = string
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}
