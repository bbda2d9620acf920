variable "site" {
  description = "The lake's name, AWS partition, region and account."
  type        = object({ name = string, partition = string, region = string, account_id = string })
}

variable "buckets" {
  description = "Bucket names by role."
  type = object({
    staging        = string
    warehouse      = string
    athena_etl     = string
    athena_results = string
    reports        = string
  })

  validation {
    condition = alltrue([for bucket in values(var.buckets) : length(bucket) <= 63])
    error_message = join("\n", [
      for bucket in values(var.buckets) :
      "The bucket `${bucket}` has ${length(bucket)} characters, S3 allows 63. Shorten the lake's name."
      if length(bucket) > 63
    ])
  }
}

variable "contracts" {
  description = "What this module reads of each contract."
  type = map(object({
    is_mart         = bool
    prefix          = string
    quarantine_days = number
    runs_days       = number
    domains         = optional(list(string), [])
  }))
}

variable "protected" {
  description = "True: nobody can delete buckets or object versions."
  type        = bool
}

variable "break_glass" {
  description = "ARNs of roles, or patterns of such, that may end the protection of buckets and key; the account's root user always may."
  type        = list(string)
  default     = []
}

variable "staging_archive_days" {
  description = "Days after which raw files and documents move to Glacier Instant Retrieval."
  type        = number

  validation {
    condition     = var.staging_archive_days >= 1
    error_message = "staging_archive_days `${var.staging_archive_days}` must be at least 1."
  }
}

variable "results_days" {
  description = "Days that results of Athena queries are kept."
  type        = number

  validation {
    condition     = var.results_days >= 1
    error_message = "results_days `${var.results_days}` must be at least 1."
  }
}

variable "kms_key_arn" {
  description = "The ARN of a key of your own; empty: this module creates one."
  type        = string
  default     = ""

  validation {
    condition     = var.kms_key_arn == "" || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn `${var.kms_key_arn}` is not the ARN of a key."
  }
}

variable "own_buckets" {
  description = "The roles of buckets that are your own: they exist, and this module neither creates nor changes them."
  type        = set(string)
  default     = []
}

variable "exports_days" {
  description = "Days that exports for the warehouse are kept; a load that is later needs a whole export."
  type        = number
  default     = 35

  validation {
    condition     = var.exports_days >= 1
    error_message = "exports_days `${var.exports_days}` must be at least 1."
  }
}
