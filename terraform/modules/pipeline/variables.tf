variable "site" {
  description = "The lake's name and where it lies."
  type        = object({ name = string, partition = string, region = string, account_id = string })
}

variable "contracts" {
  description = "What this module reads of each contract."
  type = map(object({
    file    = string
    domain  = string
    owner   = string
    is_mart = bool
    prefix  = string
    refine  = string
  }))

  validation {
    condition     = length(setintersection(keys(var.contracts), ["admit", "late", "maintain"])) == 0
    error_message = join("\n", [for dataset, c in var.contracts : "${c.file}: `${dataset}` is the name of one of the lake's own state machines. Choose another." if contains(["admit", "late", "maintain"], dataset)])
  }
  validation {
    condition     = alltrue([for dataset in keys(var.contracts) : length("${var.site.name}-arrival-${dataset}") <= 64])
    error_message = join("\n", [for dataset, c in var.contracts : "${c.file}: the rule `${var.site.name}-arrival-${dataset}` has ${length("${var.site.name}-arrival-${dataset}")} characters, AWS allows 64." if length("${var.site.name}-arrival-${dataset}") > 64])
  }
}

variable "after" {
  description = "For each dataset the marts to build after it, in order."
  type        = map(list(string))
}

variable "reads" {
  description = "For each mart the datasets and marts that its query names."
  type        = map(list(string))
}

variable "catalog" {
  description = "The Glue database of the published tables, and what their names begin with."
  type        = object({ database = string, prefix = string })
}

variable "jobs" {
  description = "The Glue job of each dataset and mart."
  type        = map(string)
}

variable "maintain_jobs" {
  description = "The Glue job that maintains each dataset's and mart's table."
  type        = map(string)
}

variable "crawlers" {
  description = "For each dataset that wants one, its crawler and the period in hours."
  type        = map(object({ name = string, hours = number }))
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
  description = "Arrivals are looked at once in so many minutes."
  type        = number

  validation {
    condition     = var.window_min >= 1 && var.window_min <= 30 && 60 % var.window_min == 0
    error_message = "window_min `${var.window_min}` does not divide an hour."
  }
}

variable "weekly" {
  description = "When `weekly` is, in UTC."
  type        = object({ minute = number, hour = number, day = string })

  validation {
    condition     = contains(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"], var.weekly.day)
    error_message = "weekly.day `${var.weekly.day}` is not a day: MON to SUN."
  }
}

variable "notify_emails" {
  description = "Who is told of failed runs and closed gates."
  type        = list(string)
}

variable "log_retention_days" {
  description = "After so many days logs are gone."
  type        = number
}
