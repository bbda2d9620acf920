# The modules, in the order in which a row passes through them. Further parts (event Lambda, Redshift, QuickSight, DataBrew)
# will be modules of the same shape: `site`, what they read of the contracts, buckets and key.

data "aws_kms_alias" "artifacts" {
  name = "alias/headgate-artifacts"
}

module "storage" {
  source = "./modules/storage"

  site                 = local.site
  buckets              = local.buckets
  contracts            = local.contracts
  protected            = var.protected
  staging_archive_days = var.staging_archive_days
  results_days         = var.results_days

  depends_on = [terraform_data.guard, terraform_data.release, terraform_data.retired]
}

module "catalog" {
  source = "./modules/catalog"

  site             = local.site
  contracts        = local.contracts
  database         = var.database
  staging_database = var.staging_database
  prefix           = var.prefix
  buckets          = { staging = local.buckets.staging, warehouse = local.buckets.warehouse }
  kms_key_arn      = module.storage.kms_key_arn
  crawl_at_hour    = var.crawl_at_hour
  weekly_day       = var.weekly.day
}

module "jobs" {
  source = "./modules/jobs"

  site      = local.site
  contracts = local.contracts
  release = {
    bucket     = local.artifacts_bucket
    prefix     = local._release
    wheel      = local._wheel
    wheelhouse = local._wheelhouse
  }
  artifacts_kms_key_arn = data.aws_kms_alias.artifacts.target_key_arn
  buckets               = { staging = local.buckets.staging, warehouse = local.buckets.warehouse, reports = local.buckets.reports }
  kms_key_arn           = module.storage.kms_key_arn
  database              = var.database
  prefix                = var.prefix
  masking_secret        = var.masking_secret
  log_retention_days    = var.log_retention_days
}

module "pipeline" {
  source = "./modules/pipeline"

  site               = local.site
  contracts          = local.contracts
  after              = module.contracts.after
  reads              = module.contracts.reads
  catalog            = { database = var.database, prefix = var.prefix }
  jobs               = { for dataset, c in local.contracts : dataset => "${var.name}-${c.step}-${dataset}" }
  maintain_jobs      = { for dataset in keys(local.contracts) : dataset => "${var.name}-maintain-${dataset}" }
  crawlers           = module.catalog.crawlers
  buckets            = { staging = local.buckets.staging, reports = local.buckets.reports }
  kms_key_arn        = module.storage.kms_key_arn
  window_min         = var.window_min
  weekly             = var.weekly
  notify_emails      = var.notify_emails
  log_retention_days = var.log_retention_days
}

module "query" {
  source = "./modules/query"

  site             = local.site
  datasets         = keys(local.contracts)
  sql_dir          = var.sql_dir
  database         = var.database
  staging_database = var.staging_database
  etl_database     = var.etl_database
  prefix           = var.prefix
  buckets = {
    staging        = local.buckets.staging
    athena_etl     = local.buckets.athena_etl
    athena_results = local.buckets.athena_results
  }
  kms_key_arn        = module.storage.kms_key_arn
  scan_limit_gb      = var.athena_scan_limit_gb
  etl_at_hour        = (var.crawl_at_hour + 1) % 24
  topic_arn          = "arn:${local.site.partition}:sns:${local.site.region}:${local.site.account_id}:${var.name}-notices"
  schedule_group     = module.pipeline.schedule_group
  log_retention_days = var.log_retention_days
}

module "guard" {
  source = "./modules/guard"

  site                  = local.site
  contracts             = local.contracts
  warehouse_bucket      = local.buckets.warehouse
  kms_key_arn           = module.storage.kms_key_arn
  undelivered_queue     = "${var.name}-undelivered"
  admit                 = "${var.name}-admit"
  workgroup             = var.name
  schedule_group        = module.pipeline.schedule_group
  notify_emails         = var.notify_emails
  monthly_budget_usd    = var.monthly_budget_usd
  athena_daily_limit_gb = var.athena_daily_limit_gb
  log_retention_days    = var.log_retention_days
}

module "access" {
  source = "./modules/access"

  site                 = local.site
  buckets              = merge(local.buckets, { artifacts = local.artifacts_bucket, state = "headgate-state-${local._at}" })
  kms_key_arns         = { lake = module.storage.kms_key_arn, artifacts = data.aws_kms_alias.artifacts.target_key_arn }
  databases            = { warehouse = var.database, staging = var.staging_database, etl = module.query.etl_database }
  prefix               = var.prefix
  workgroup            = var.name
  verify               = var.verify
  github_repository    = var.github_repository
  github_oidc_provider = var.github_oidc_provider
  github_environment   = var.environment
  trusted_principals   = var.trusted_principals
}
