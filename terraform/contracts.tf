# The factory: one file per dataset becomes all of its infrastructure. No file in this folder names a dataset.

module "contracts" {
  source = "./modules/contracts"

  contracts_dir = var.contracts_dir
  sql_dir       = var.sql_dir
  prefix        = var.prefix
}

locals {
  contracts = module.contracts.contracts

  # The datasets that ask for the event path (`arrive: events`).
  _events = {
    for dataset, c in local.contracts : dataset => {
      file    = c.file
      tags    = c.tags
      prefix  = c.prefix
      columns = c.raw_columns
    } if c.arrive == "events"
  }
}
