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
    owner        = string
    description  = string
    is_mart      = bool
    prefix       = string
    table_format = string
    partition_by = list(string)
    crawler      = string
    arrive       = optional(string, "batch")
    columns      = list(object({ name = string, type = string, classified = bool }))
  }))
}

variable "database" {
  description = "The database of the published tables."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]*$", var.database))
    error_message = "database `${var.database}`: Athena reads lower case letters, digits and `_` only."
  }
}

variable "staging_database" {
  description = "The database of the crawled raw tables."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]*$", var.staging_database))
    error_message = "staging_database `${var.staging_database}`: Athena reads lower case letters, digits and `_` only."
  }
  validation {
    condition     = var.staging_database != var.database
    error_message = "staging_database `${var.staging_database}` is also the database of the published tables; raw tables need their own."
  }
}

variable "prefix" {
  description = "The prefix of the tables' names."
  type        = string
}

variable "buckets" {
  description = "Bucket names."
  type        = object({ staging = string, warehouse = string })
}

variable "kms_key_arn" {
  description = "The lake's key."
  type        = string
}

variable "crawl_at_hour" {
  description = "The hour (UTC) of daily and weekly crawls."
  type        = number

  validation {
    condition     = var.crawl_at_hour >= 0 && var.crawl_at_hour <= 23
    error_message = "crawl_at_hour `${var.crawl_at_hour}` is not an hour from 0 to 23."
  }
}

variable "weekly_day" {
  description = "The day of weekly crawls: MON to SUN."
  type        = string
}

variable "encrypt" {
  description = "True: encrypt the catalog of this account and region, that of other lakes among it."
  type        = bool
  default     = false
}
