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

data "aws_redshiftserverless_workgroup" "own" {
  count = try(var.redshift.workgroup, "") != "" ? 1 : 0

  workgroup_name = var.redshift.workgroup
}

module "redshift" {
  source = "./modules/redshift"
  count  = var.redshift != null ? 1 : 0

  site               = local.site
  redshift           = var.redshift
  workgroup_arn      = try(local._redshift.workgroup_arn, "")
  network            = one(module.network[*].function)
  warehouse_bucket   = module.storage.buckets.warehouse
  kms_key_arn        = module.storage.kms_key_arn
  trusted_principals = var.trusted_principals
}

locals {
  # Where statements run, for the policies of all who may run some.
  _redshift = var.redshift == null ? null : {
    cluster       = var.redshift.cluster
    workgroup_arn = join("", data.aws_redshiftserverless_workgroup.own[*].arn)
    database      = var.redshift.database
  }

  _options = {
    network         = var.network != null
    lake_formation  = var.lake_formation != null
    encrypt_catalog = var.encrypt_catalog
    audit           = var.audit != "none"
    redshift        = var.redshift != null
    verify          = var.verify
  }
}
