variable "site" {
  description = "The lake's name, AWS partition, region and account."
  type        = object({ name = string, partition = string, region = string, account_id = string })
}

variable "kind" {
  description = "`access_logs` of S3, or `data_events` of CloudTrail."
  type        = string

  validation {
    condition     = contains(["access_logs", "data_events"], var.kind)
    error_message = "audit `${var.kind}`: it is access_logs or data_events."
  }
}

variable "buckets" {
  description = "The names of the buckets to watch, by role."
  type        = map(string)
}

variable "keep_days" {
  description = "Days that the records are kept."
  type        = number
  default     = 400
}
