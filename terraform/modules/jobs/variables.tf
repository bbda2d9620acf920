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
    file         = string
    description  = string
    tags         = map(string)
    is_mart      = bool
    step         = string
    prefix       = string
    reads        = list(string)
    domains      = list(string)
    table_format = string
    warehouse    = optional(bool, false)
    refers       = optional(list(string), [])
    worker       = string
    workers      = number
    execution    = string
    timeout_min  = number
  }))

  validation {
    condition = alltrue([for c in var.contracts : contains(["G.1X", "G.2X", "G.4X", "G.8X"], c.worker)])
    error_message = join("\n", [
      for c in var.contracts : "${c.file}: worker type `${c.worker}` is not known. Use G.1X, G.2X, G.4X or G.8X."
      if !contains(["G.1X", "G.2X", "G.4X", "G.8X"], c.worker)
    ])
  }
  validation {
    condition = alltrue([for dataset in keys(var.contracts) : length("${var.site.roles.prefix}${var.site.name}-job-${dataset}") <= 64])
    error_message = join("\n", flatten([for dataset, c in var.contracts : [
      for role in ["${var.site.roles.prefix}${var.site.name}-job-${dataset}"] :
      "${c.file}: the role `${role}` has ${length(role)} characters, AWS allows 64." if length(role) > 64
    ]]))
  }
}

variable "release" {
  description = "The release that jobs run: its bucket and prefix, and the name of its wheelhouse."
  type        = object({ bucket = string, prefix = string, wheelhouse = string })
}

variable "artifacts_kms_key_arn" {
  description = "The key of the artifacts bucket."
  type        = string
}

variable "buckets" {
  description = "Bucket names."
  type        = object({ staging = string, warehouse = string, reports = string })
}

variable "kms_key_arn" {
  description = "The lake's key."
  type        = string
}

variable "database" {
  description = "The database of the published tables."
  type        = string
}

variable "prefix" {
  description = "The prefix of the tables' names."
  type        = string
}

variable "masking_secret" {
  description = "The older way: one secret with the keys of all domains. Empty: each domain's own, which only its datasets' jobs read."
  type        = string
  default     = ""
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "connections" {
  description = "Glue connections by which jobs run in your subnets; empty: outside of your network."
  type        = list(string)
  default     = []
}
