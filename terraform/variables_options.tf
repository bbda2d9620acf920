# What a large company may need; each is off by default. docs/SETUP_GUIDE.md says what each needs and costs, and that an
# administrator applies it.

variable "kms_key_arn" {
  description = "The ARN of a key of your own for all that the lake stores; empty: Terraform creates one."
  type        = string
  default     = ""
}

variable "own_buckets" {
  description = "Buckets of your own instead of created ones: names by role (staging, warehouse, athena_etl, athena_results, reports)."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.own_buckets), ["staging", "warehouse", "athena_etl", "athena_results", "reports"])) == 0
    error_message = "own_buckets ${jsonencode(keys(var.own_buckets))}: roles are staging, warehouse, athena_etl, athena_results, reports."
  }
}

variable "network" {
  description = "A VPC and private subnets for jobs and function, with no way to the internet (modules/network); null: none."
  type = object({
    vpc_id             = string
    subnet_ids         = list(string)
    security_group_ids = optional(list(string), [])
    create_endpoints   = optional(bool, false)
    route_table_ids    = optional(list(string), [])
  })
  default = null
}

variable "lake_formation" {
  description = "Lake Formation decides what analysts read (modules/lakeformation); `tables`: datasets published once. Null: IAM."
  type        = object({ tables = optional(set(string), []) })
  default     = null
}

variable "encrypt_catalog" {
  description = "True: encrypt the Glue catalog of this account and region with the lake's key."
  type        = bool
  default     = false
}

variable "audit" {
  description = "Records of who read and wrote which object: `none`, `access_logs` (S3) or `data_events` (CloudTrail); see modules/audit."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "access_logs", "data_events"], var.audit)
    error_message = "audit `${var.audit}`: it is none, access_logs or data_events."
  }
}

variable "redshift" {
  description = "The warehouse in Redshift (modules/redshift): `{}` creates a serverless workgroup; or name one, or a cluster. Null: none."
  type = object({
    workgroup            = optional(string, "")
    cluster              = optional(string, "")
    database             = optional(string, "dev")
    base_rpu             = optional(number, 8)
    max_rpu              = optional(number, 16)
    rpu_hours_a_day      = optional(number, 8)
    subnet_ids           = optional(list(string), [])
    security_group_ids   = optional(list(string), [])
    enhanced_vpc_routing = optional(bool, false)
  })
  default = null
}
