output "lake" {
  description = "The lake's name, AWS partition, region and account."
  value       = local._site
}

output "buckets" {
  description = "Bucket names by role; raw files go to s3://<staging>/staging/<dataset>/."
  value       = module.storage.buckets
}

output "kms_key_policy" {
  description = "What the policy of the lake's key must allow, for a key of your own (`kms_key_arn`)."
  value       = module.storage.kms_key_policy
}

output "masking_secrets" {
  description = "By masking domain: the secret for its key, which an administrator puts there (docs/SETUP_GUIDE.md, step 5)."
  value       = module.storage.masking_secrets
}

output "databases" {
  description = "The Glue databases: of the published tables, of the crawled raw tables, of the SQL ETL."
  value       = { warehouse = module.catalog.database, staging = module.catalog.staging_database, etl = module.query.etl_database }
}

output "jobs" {
  description = "The Glue job of each dataset and mart."
  value       = module.jobs.names
}

output "pipelines" {
  description = "The state machine of each dataset, and of each mart with its own schedule."
  value       = module.pipeline.pipelines
}

output "queues" {
  description = "The queue of each dataset's arrivals."
  value       = module.pipeline.queues
}

output "events" {
  description = "The event path: function, queues, log group and crawler; null when no contract asks for it."
  value = one([for events in module.events : {
    function = events.function, queues = events.queues, log_group = events.log_group, crawler = events.crawler.crawler
    machine  = events.crawler.machine
  }])
}

output "warehouse" {
  description = "The warehouse in Redshift: where its tables are and the roles of those who make and load them; null without the option."
  value       = one(module.redshift[*].warehouse)
}

output "workgroup" {
  description = "The Athena workgroup of analysts; each names a folder for results (docs/SETUP_GUIDE.md, step 11)."
  value       = module.query.workgroup
}

output "engineers_workgroup" {
  description = "The Athena workgroup of engineers."
  value       = module.query.engineers_workgroup
}

output "topics" {
  description = "The topics for notices of runs and for alarms."
  value       = { notices = module.pipeline.topic_arn, alerts = module.guard.topic_arn }
}

output "alarms" {
  description = "Every alarm, with the section of docs/RUNBOOK.md that it names."
  value       = merge(module.guard.alarms, [for events in module.events : events.alarms]...)
}

output "roles" {
  description = "The roles for people."
  value       = module.access.roles
}

output "deploy_policies" {
  description = "The policies that a deployer needs."
  value       = module.access.deploy_policies
}

output "github_role" {
  description = "The role that deploying workflows take; null without a repository."
  value       = module.access.github_role
}

output "github_plan_role" {
  description = "The role that planning workflows take, which changes nothing; null without a repository."
  value       = module.access.github_plan_role
}

output "verify_role" {
  description = "The role of `make verify`; null unless `verify` is true."
  value       = module.access.verify_role
}

output "contracts_sha256" {
  description = "SHA-256 over the sorted lines `<sha256>  <path>` of the contracts' YAML files, as in a release's release.json."
  value       = module.contracts.hash
}

output "idle_cost" {
  description = "What each contract owns and costs in a month in which no file arrives, and what the lake itself costs."
  value = {
    contracts = local.idle_cost
    warehouse = local._warehouse_cost
    lake = {
      usd_per_month = ceil(100 * sum([
        local._price.key, length(module.storage.masking_secrets) * local._price.secret,
        local._alarm_count * local._price.alarm, local._crawls * local._price.crawl,
        length(local._events) > 0 ? local._minutes / var.window_min * local._tick_cost : 0,
      ])) / 100
      resources = ["KMS key", "${length(module.storage.masking_secrets)} secrets", "${local._alarm_count} alarms", "crawls"]
    }
  }
}
