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
  description = "What the names of published tables begin with; a query may spell a table with or without it."
  type        = string
  default     = "tbl_"
  nullable    = false
}
