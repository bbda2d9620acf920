variable "bucket" {
  description = "The bucket's name."
  type        = string

  validation {
    condition     = length(var.bucket) >= 3 && length(var.bucket) <= 63
    error_message = "bucket `${var.bucket}` has ${length(var.bucket)} characters; S3 allows 3 to 63."
  }
}

variable "kms_key_arn" {
  description = "The key that encrypts objects unless a request names another."
  type        = string
}

variable "protected" {
  description = "True: nobody can delete the bucket or versions of its objects."
  type        = bool
}

variable "break_glass" {
  description = "ARNs of roles, or patterns of such, that may change the policy of a protected bucket; the account's root user always may."
  type        = list(string)
  default     = []
}

variable "events" {
  description = "True: S3 sends EventBridge an event for every object."
  type        = bool
  default     = false
}

variable "rules" {
  description = "Lifecycle rules besides the two that every bucket has; null omits that part of a rule."
  type = map(object({
    prefix       = string
    expire_days  = optional(number)
    archive_days = optional(number)
  }))
  default = {}
}

variable "noncurrent_days" {
  description = "Days for which a replaced or deleted object can be brought back."
  type        = number
  default     = 30
}

variable "markers" {
  description = "Patterns of keys without data, whose versions may be deleted even if the bucket is protected."
  type        = list(string)
  default     = []
}

variable "partition" {
  description = "The AWS partition, for ARNs."
  type        = string
}
