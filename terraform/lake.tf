# The modules, in the order in which a row passes through them. Further parts (QuickSight, DataBrew)
# will be modules of the same shape: `site`, what they read of the contracts, buckets and key.

data "aws_kms_alias" "artifacts" {
  name = "alias/headgate-artifacts"
}

module "boundary" {
  source = "./modules/boundary"
  count  = var.permissions_boundary == "" ? 1 : 0

  site           = merge(local._site, { roles = local._roles })
  buckets        = merge(local.buckets, { artifacts = local.artifacts_bucket })
  databases      = { warehouse = var.database, staging = var.staging_database, etl = var.etl_database }
  masking_secret = var.masking_secret
  options        = local._options
  redshift       = local._redshift

  depends_on = [terraform_data.guard, terraform_data.release, terraform_data.retired]
}

module "storage" {
  source = "./modules/storage"

  site                 = local._site
  buckets              = local.buckets
  own_buckets          = keys(var.own_buckets)
  kms_key_arn          = var.kms_key_arn
  contracts            = local.contracts
  protected            = var.protected
  break_glass          = var.break_glass
  staging_archive_days = var.staging_archive_days
  results_days         = var.results_days
  exports_days         = var.exports_days

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
  encrypt          = var.encrypt_catalog
}

module "jobs" {
  source = "./modules/jobs"

  site      = local.site
  contracts = local.contracts
  release = {
    bucket     = local.artifacts_bucket
    prefix     = local._release
    wheelhouse = local._wheelhouse
  }
  artifacts_kms_key_arn = data.aws_kms_alias.artifacts.target_key_arn
  buckets               = { staging = local.buckets.staging, warehouse = local.buckets.warehouse, reports = local.buckets.reports }
  kms_key_arn           = module.storage.kms_key_arn
  database              = var.database
  prefix                = var.prefix
  masking_secret        = var.masking_secret
  connections           = flatten(module.network[*].connections)
  log_retention_days    = var.log_retention_days
}

module "pipeline" {
  source = "./modules/pipeline"

  site               = local.site
  contracts          = local.contracts
  former_rules       = var.former_rules
  after              = module.contracts.after
  reads              = module.contracts.reads
  catalog            = { database = var.database, prefix = var.prefix }
  jobs               = { for dataset, c in local.contracts : dataset => "${var.name}-${c.step}-${dataset}" }
  maintain_jobs      = { for dataset in keys(local.contracts) : dataset => "${var.name}-maintain-${dataset}" }
  buckets            = { staging = local.buckets.staging, reports = local.buckets.reports }
  kms_key_arn        = module.storage.kms_key_arn
  window_min         = var.window_min
  weekly             = var.weekly
  notify_emails      = var.notify_emails
  log_retention_days = var.log_retention_days
}

module "events" {
  source = "./modules/events"
  count  = length(local._events) > 0 ? 1 : 0

  site               = local.site
  contracts          = local._events
  former_rules       = var.former_rules
  release            = { bucket = local.artifacts_bucket, prefix = local._release }
  staging_bucket     = module.storage.buckets.staging
  kms_key_arn        = module.storage.kms_key_arn
  catalog            = merge(module.catalog.crawler, { staging_database = module.catalog.staging_database, prefix = var.prefix })
  ticks              = module.pipeline.ticks
  alerts_topic_arn   = module.guard.topic_arn
  function           = merge(var.event_function, { runtime = local._runtime })
  network            = one(module.network[*].function)
  window_min         = var.window_min
  crawl_every_min    = var.event_crawl_every_min
  log_retention_days = var.log_retention_days
}

module "query" {
  source = "./modules/query"

  site             = local.site
  datasets         = keys(local.contracts)
  classified       = { for dataset, c in local.contracts : dataset => c.classified_words if c.masked && !c.is_mart }
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
  undelivered_queue  = "${var.name}-undelivered"
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
  route                 = "${var.name}-route-arrivals"
  workgroup             = var.name
  schedule_group        = module.pipeline.schedule_group
  notices_arn           = "arn:${local.site.partition}:sns:${local.site.region}:${local.site.account_id}:${var.name}-notices"
  notify_emails         = var.notify_emails
  notify_owners         = var.notify_owners
  monthly_budget_usd    = var.monthly_budget_usd
  athena_daily_limit_gb = var.athena_daily_limit_gb
  log_retention_days    = var.log_retention_days
}

module "access" {
  source = "./modules/access"

  site               = local.site
  buckets            = merge(local.buckets, { artifacts = local.artifacts_bucket, state = "headgate-state-${local._at}" })
  kms_key_arns       = { lake = module.storage.kms_key_arn, artifacts = data.aws_kms_alias.artifacts.target_key_arn }
  databases          = { warehouse = var.database, staging = var.staging_database, etl = module.query.etl_database }
  prefix             = var.prefix
  workgroup          = var.name
  verify             = var.verify
  protected          = var.protected
  github_repository  = var.github_repository
  github_environment = var.environment
  trusted_principals = var.trusted_principals
  deployer_boundary  = var.permissions_boundary == "" ? null : var.permissions_boundary
  options            = local._options
  redshift           = local._redshift
}
