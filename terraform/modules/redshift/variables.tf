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

variable "redshift" {
  description = "A workgroup or cluster of your own by name; with neither one is created, of this size, limit and place."
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

  validation {
    condition     = var.redshift.workgroup == "" || var.redshift.cluster == ""
    error_message = "redshift names the workgroup `${var.redshift.workgroup}` and the cluster `${var.redshift.cluster}`: name one of them."
  }
  validation {
    condition = var.redshift.rpu_hours_a_day >= 1 && floor(var.redshift.rpu_hours_a_day) == var.redshift.rpu_hours_a_day
    error_message = join(" ", [
      "redshift.rpu_hours_a_day `${var.redshift.rpu_hours_a_day}` must be a whole number, at least 1:",
      "there is no use without a limit.",
    ])
  }
  validation {
    condition     = alltrue([for rpu in [var.redshift.base_rpu, var.redshift.max_rpu] : rpu == 4 || (rpu >= 8 && rpu % 8 == 0)])
    error_message = "redshift.base_rpu `${var.redshift.base_rpu}` and max_rpu `${var.redshift.max_rpu}` must be 4, or a multiple of 8."
  }
  validation {
    condition     = var.redshift.max_rpu >= var.redshift.base_rpu
    error_message = "redshift.max_rpu `${var.redshift.max_rpu}` must not be below base_rpu `${var.redshift.base_rpu}`."
  }
  validation {
    condition = length(var.redshift.subnet_ids) == 0 || length(var.redshift.subnet_ids) >= (var.redshift.enhanced_vpc_routing ? 3 : 2)
    error_message = join(" ", [
      "redshift.subnet_ids has ${length(var.redshift.subnet_ids)}: Redshift Serverless needs two subnets in two zones,",
      "three in three with enhanced_vpc_routing.",
    ])
  }
}

variable "workgroup_arn" {
  description = "The ARN of your workgroup; empty without one."
  type        = string
  default     = ""
}

variable "network" {
  description = "The subnets and security groups of the option `network`, where `redshift` names none; null: those of the default VPC."
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
  default     = null
}

variable "warehouse_bucket" {
  description = "The bucket of the exports."
  type        = string
}

variable "kms_key_arn" {
  description = "The lake's key."
  type        = string
}

variable "trusted_principals" {
  description = "Who may take the roles warehouse-loader and warehouse-owner; a role that is not named here trusts the account."
  type        = map(list(string))
  default     = {}
}
