variable "contracts_dir" {
  description = "The folder of the contracts; every *.yaml and *.yml below it whose name does not begin with `_` or `.`."
  type        = string
  nullable    = false
}

variable "sql_dir" {
  description = "The folder that `source.query` of a mart is relative to."
  type        = string
  nullable    = false
}

variable "prefix" {
  description = "The prefix of the published tables' names; a query may name a table with or without it."
  type        = string
  default     = "tbl_"
  nullable    = false
}
