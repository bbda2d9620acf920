output "contracts" {
  description = "Every contract by dataset: all that Terraform reads of it, with defaults filled in."
  value       = length(local.faults) == 0 ? local.contracts : {}
}

output "after" {
  description = "For each dataset that is not a mart, the marts to build after it, in order."
  value       = length(local.faults) == 0 ? local.after : {}
}

output "reads" {
  description = "For each mart, the datasets and marts that its query names."
  value       = length(local.faults) == 0 ? { for mart in keys(local._marts) : mart => local._reads[mart] } : {}
}

output "retired" {
  description = "Datasets whose contract is gone on purpose (contracts/_retired.yaml)."
  value       = local._retired
}

output "hash" {
  description = "SHA-256 over the sorted lines `<sha256>  <path>` of all YAML files below the contracts' folder."
  value       = local._hash
}
