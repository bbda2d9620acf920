# The factory: one file per dataset becomes all of its infrastructure. No dataset's name stands in this folder.

module "contracts" {
  source = "./modules/contracts"

  contracts_dir = var.contracts_dir
  sql_dir       = var.sql_dir
  prefix        = var.prefix
}

locals {
  contracts = module.contracts.contracts
}
