# The options of variables_options.tf that are modules of their own.

module "network" {
  source = "./modules/network"
  count  = var.network != null ? 1 : 0

  site    = local._site
  network = var.network

  depends_on = [terraform_data.guard]
}

module "lakeformation" {
  source = "./modules/lakeformation"
  count  = var.lake_formation != null ? 1 : 0

  site             = local.site
  contracts        = local.contracts
  tables           = var.lake_formation.tables
  database         = module.catalog.database
  prefix           = var.prefix
  warehouse_bucket = module.storage.buckets.warehouse
  kms_key_arn      = module.storage.kms_key_arn
  analyst_arn      = module.access.roles.analyst
}

module "audit" {
  source = "./modules/audit"
  count  = var.audit != "none" ? 1 : 0

  site    = local._site
  kind    = var.audit
  buckets = module.storage.buckets
}

locals {
  _options = {
    network         = var.network != null
    lake_formation  = var.lake_formation != null
    encrypt_catalog = var.encrypt_catalog
    audit           = var.audit != "none"
    verify          = var.verify
  }
}
