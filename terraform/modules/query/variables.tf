variable "site" {
  description = "The lake's name and where it lies."
  type        = object({ name = string, partition = string, region = string, account_id = string })
}

variable "datasets" {
  description = "The datasets that a query may name."
  type        = list(string)
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
  description = "The database of what the SQL ETL makes."
  type        = string
  default     = "athena_etl_db"
}

variable "prefix" {
  description = "What the names of tables begin with."
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
  description = "A query that would read more is cancelled."
  type        = number

  validation {
    condition     = var.scan_limit_gb >= 1
    error_message = "athena_scan_limit_gb `${var.scan_limit_gb}` must be at least 1."
  }
}

variable "etl_at_hour" {
  description = "The hour (UTC) of the SQL ETL; after the crawl."
  type        = number
}

variable "topic_arn" {
  description = "Where every end of a run is told."
  type        = string
}

variable "schedule_group" {
  description = "The group of the lake's schedules."
  type        = string
}

variable "log_retention_days" {
  description = "After so many days logs are gone."
  type        = number
}
