variable "site" {
  description = "The lake's name and where it lies."
  type        = object({ name = string, partition = string, region = string, account_id = string })
}

variable "contracts" {
  description = "What this module reads of each contract."
  type = map(object({
    file         = string
    domain       = string
    owner        = string
    description  = string
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
    condition     = alltrue([for c in var.contracts : contains(["G.1X", "G.2X", "G.4X", "G.8X"], c.worker)])
    error_message = join("\n", [for c in var.contracts : "${c.file}: worker type `${c.worker}` is not known. Use G.1X, G.2X, G.4X or G.8X." if !contains(["G.1X", "G.2X", "G.4X", "G.8X"], c.worker)])
  }
  validation {
    condition     = alltrue([for dataset, c in var.contracts : length("${var.site.name}-job-${dataset}") <= 64])
    error_message = join("\n", [for dataset, c in var.contracts : "${c.file}: the role `${var.site.name}-job-${dataset}` has ${length("${var.site.name}-job-${dataset}")} characters, AWS allows 64." if length("${var.site.name}-job-${dataset}") > 64])
  }
}

variable "release" {
  description = "The release that jobs run: its address, and the names of wheel and wheelhouse in it."
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
  description = "What the names of tables begin with."
  type        = string
}

variable "masking_secret" {
  description = "The secret with the masking keys; only jobs of datasets with classified columns may read it."
  type        = string
}

variable "log_retention_days" {
  description = "After so many days logs are gone."
  type        = number
}
