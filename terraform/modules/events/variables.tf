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
  description = "What this module reads of each contract with `arrive: events`; there is at least one."
  type = map(object({
    file    = string
    tags    = map(string)
    prefix  = string
    columns = optional(list(object({ name = string, type = string })), [])
  }))

  validation {
    condition     = length(var.contracts) > 0
    error_message = "contracts is empty: leave the module out (count = 0) when no contract asks for the event path."
  }
  validation {
    condition = alltrue([for c in var.contracts : endswith(c.prefix, "/")])
    error_message = join("\n", [
      for c in var.contracts : "${c.file}: source.path `${c.prefix}` must be a folder, with `arrive: events`." if !endswith(c.prefix, "/")
    ])
  }
}

variable "former_rules" {
  description = "True: keep a rule per dataset, while a lake of an earlier version is upgraded (docs/UPGRADING.md)."
  type        = bool
  default     = false
}

variable "release" {
  description = "The bucket and the prefix of the release whose zip the function runs."
  type        = object({ bucket = string, prefix = string })
}

variable "staging_bucket" {
  description = "The bucket of raw files: documents arrive in incoming/, their rows land in staging/."
  type        = string
}

variable "kms_key_arn" {
  description = "The lake's key."
  type        = string
}

variable "catalog" {
  description = "The database of the raw tables, the prefix of their names, and the crawlers' role and security configuration."
  type        = object({ staging_database = string, prefix = string, role_arn = string, security_configuration = string })
}

variable "ticks" {
  description = "What ticks have in common: the machine `admit`, their role, their group, and the queue of what cannot be delivered."
  type        = object({ admit = string, role_arn = string, group = string, undelivered_arn = string })
}

variable "alerts_topic_arn" {
  description = "The topic to which alarms send."
  type        = string
}

variable "function" {
  description = "Size and kind of the function; `concurrency` limits how many batches run at once, `reserve` keeps them free."
  type = object({
    architecture    = optional(string, "arm64")
    runtime         = optional(string, "python3.13")
    memory_mb       = optional(number, 1024)
    timeout_s       = optional(number, 120)
    batch           = optional(number, 10)
    concurrency     = optional(number, 10)
    reserve         = optional(bool, true)
    max_document_mb = optional(number, 512)
    trace           = optional(bool, false)
  })
  default = {}

  validation {
    condition     = contains(["arm64", "x86_64"], var.function.architecture)
    error_message = "function.architecture `${var.function.architecture}` is not known. Use arm64 or x86_64; a release has a zip of each."
  }
  validation {
    condition     = can(regex("^python3\\.[0-9]+$", var.function.runtime))
    error_message = "function.runtime `${var.function.runtime}` is not a Python such as python3.13."
  }
  validation {
    condition     = var.function.memory_mb >= 512 && var.function.memory_mb <= 10240
    error_message = "function.memory_mb `${var.function.memory_mb}` is not between 512 and 10240."
  }
  validation {
    condition     = var.function.timeout_s >= 10 && var.function.timeout_s <= 900
    error_message = "function.timeout_s `${var.function.timeout_s}` is not between 10 and 900."
  }
  validation {
    condition     = var.function.batch >= 1 && var.function.batch <= 10
    error_message = "function.batch `${var.function.batch}` is not between 1 and 10."
  }
  validation {
    condition     = var.function.concurrency >= 2 && var.function.concurrency <= 1000
    error_message = "function.concurrency `${var.function.concurrency}` is not between 2, the least that AWS allows, and 1000."
  }
}

variable "window_min" {
  description = "Minutes of a window; landed documents are checked once per window."
  type        = number
}

variable "crawl_every_min" {
  description = "A crawl starts at least this many minutes after the one before, because AWS bills each as ten minutes or more."
  type        = number

  validation {
    condition     = var.crawl_every_min >= 0
    error_message = "crawl_every_min `${var.crawl_every_min}` must be at least 0."
  }
}

variable "wait_limit_min" {
  description = "An alarm goes off if a document waits this many minutes to be flattened."
  type        = number
  default     = 60
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "network" {
  description = "The subnets and security groups of the function; null: outside of your network."
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
  default     = null
}
