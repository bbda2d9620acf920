variable "bucket" {
  description = "The bucket's name."
  type        = string

  validation {
    condition     = length(var.bucket) >= 3 && length(var.bucket) <= 63
    error_message = "bucket `${var.bucket}` has ${length(var.bucket)} characters; S3 allows 3 to 63."
  }
}

variable "kms_key_arn" {
  description = "The key that encrypts what is written without naming one."
  type        = string
}

variable "protected" {
  description = "Deny everybody to delete the bucket and versions of its objects."
  type        = bool
}

variable "events" {
  description = "True: S3 tells EventBridge of every object."
  type        = bool
  default     = false
}

variable "rules" {
  description = "Lifecycle beside the two that every bucket has; null leaves that part out."
  type = map(object({
    prefix       = string
    expire_days  = optional(number)
    archive_days = optional(number)
  }))
  default = {}
}

variable "noncurrent_days" {
  description = "Days that a replaced or deleted object can still be brought back."
  type        = number
  default     = 30
}

variable "markers" {
  description = "Patterns of keys that hold no data and whose versions may be deleted although the bucket is protected."
  type        = list(string)
  default     = []
}

variable "partition" {
  description = "The AWS partition, for ARNs."
  type        = string
}
