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
    file    = string
    tags    = map(string)
    is_mart = bool
    prefix  = string
    refine  = string
    # Where documents arrive as events; null for files.
    incoming = optional(string)
  }))

  validation {
    condition = length(setintersection(keys(var.contracts), ["admit", "late", "maintain"])) == 0
    error_message = join("\n", [
      for dataset, c in var.contracts :
      "${c.file}: `${dataset}` is the name of one of the lake's own state machines. Choose another."
      if contains(["admit", "late", "maintain"], dataset)
    ])
  }
}

variable "former_rules" {
  description = "True: keep a rule per dataset beside the one rule, while a lake of an earlier version is upgraded (docs/UPGRADING.md)."
  type        = bool
  default     = false
}

variable "after" {
  description = "For each dataset, the marts to build after it, in order."
  type        = map(list(string))
}

variable "reads" {
  description = "For each mart, the datasets and marts that its query names."
  type        = map(list(string))
}

variable "catalog" {
  description = "The Glue database of the published tables, and the prefix of their names."
  type        = object({ database = string, prefix = string })
}

variable "jobs" {
  description = "The Glue job of each dataset and mart."
  type        = map(string)
}

variable "maintain_jobs" {
  description = "For each dataset and mart, the Glue job that maintains its table."
  type        = map(string)
}

variable "buckets" {
  description = "Bucket names."
  type        = object({ staging = string, reports = string })
}

variable "kms_key_arn" {
  description = "The lake's key."
  type        = string
}

variable "window_min" {
  description = "Minutes of a window; queues of arrivals are checked once per window."
  type        = number

  validation {
    condition     = var.window_min >= 1 && var.window_min <= 30 && 60 % var.window_min == 0
    error_message = "window_min `${var.window_min}` does not divide an hour."
  }
}

variable "weekly" {
  description = "When weekly schedules run, in UTC."
  type        = object({ minute = number, hour = number, day = string })

  validation {
    condition     = contains(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"], var.weekly.day)
    error_message = "weekly.day `${var.weekly.day}` is not a day: MON to SUN."
  }
}

variable "notify_emails" {
  description = "Who gets an email of failed runs and closed gates."
  type        = list(string)
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}
