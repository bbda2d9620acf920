variable "site" {
  description = "The lake's name, AWS partition, region and account."
  type        = object({ name = string, partition = string, region = string, account_id = string })
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
    masked       = bool
    table_format = string
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
    condition = alltrue([for dataset in keys(var.contracts) : length("${var.site.name}-job-${dataset}") <= 64])
    error_message = join("\n", flatten([for dataset, c in var.contracts : [
      for role in ["${var.site.name}-job-${dataset}"] :
      "${c.file}: the role `${role}` has ${length(role)} characters, AWS allows 64." if length(role) > 64
    ]]))
  }
}

variable "release" {
  description = "The release that jobs run: its bucket and prefix, and the names of its wheel and wheelhouse."
  type        = object({ bucket = string, prefix = string, wheel = string, wheelhouse = string })
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
  description = "The secret with the masking keys; only jobs of datasets with classified columns may read it."
  type        = string
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}
