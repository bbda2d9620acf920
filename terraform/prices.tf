# Idle cost: the cost of a month in which no file arrives, from the list prices in prices.yaml. docs/COSTS.md estimates the
# cost of runs.

locals {
  _list = yamldecode(file("${path.module}/prices.yaml"))
  _usd  = { for name, price in local._list.usd : name => price.usd }

  _price = {
    schedule        = local._usd.scheduler_million / 1000000
    express_start   = local._usd.express_million / 1000000
    express_seconds = local._usd.express_gb_second / 16 # one second at 64 MB
    sqs_request     = local._usd.sqs_million / 1000000
    crawl           = local._list.crawler.minutes_at_least / 60 * local._list.crawler.dpu * local._usd.crawler_dpu_hour
    alarm           = local._usd.alarm_month
    key             = local._usd.key_month
    secret          = local._usd.secret_month
    rpu_hour        = local._usd.redshift_rpu_hour
    storage         = local._usd.redshift_gb_month
  }
  _minutes     = 30 * 24 * 60
  _alarm_count = length(module.guard.alarms) + sum(concat([0], [for events in module.events : length(events.alarms)]))

  _ticks = { for dataset, c in local.contracts : dataset => (
    c.is_mart && c.refine == "arrival" ? 0 : c.refine == "arrival" ? local._minutes / var.window_min : c.refine == "weekly" ? 4.3 : 30
  ) }
  _looks = { for dataset, c in local.contracts : dataset => c.freshness_hours == null ? 0 : 30 * 24 }

  _tick_cost = local._price.schedule + local._price.express_start + 0.1 * local._price.express_seconds

  # A workgroup at rest costs its administrator's secret and its storage; a day of queries at most what its limit of RPU hours allows.
  _warehouse_cost = anytrue(module.redshift[*].is_created) ? {
    usd_per_month        = local._price.secret
    usd_per_gb_and_month = local._price.storage
    usd_per_day_at_most  = ceil(100 * var.redshift.rpu_hours_a_day * local._price.rpu_hour) / 100
    resources = [
      "secret of the administrator", "storage of Redshift", "at most ${var.redshift.rpu_hours_a_day} RPU hours a day",
    ]
  } : { usd_per_month = 0, usd_per_gb_and_month = 0, usd_per_day_at_most = 0, resources = [] }

  idle_cost = { for dataset, c in local.contracts : dataset => {
    usd_per_month = ceil(10000 * sum([
      (local._ticks[dataset] + local._looks[dataset]) * local._tick_cost,
      c.refine == "arrival" ? local._ticks[dataset] * local._price.sqs_request : 0,
    ])) / 10000
    resources = compact(concat(
      ["Glue job and role"],
      [local._ticks[dataset] > 0 ? "state machine, schedule" : ""],
      [!c.is_mart && c.refine == "arrival" ? "queue" : ""],
      [c.table_format == "parquet" ? "catalog table" : ""],
      [c.crawler != "none" ? "a share of the ${c.crawler} crawler" : ""],
      [c.freshness_hours != null ? "late-data schedule" : ""],
    ))
  } }

  _crawls = sum(concat([0], [for period, runs in { daily = 30, weekly = 4.3 } : runs * (
    anytrue([for c in local.contracts : c.crawler == period && !c.is_mart]) ? 1 : 0
  )]))
}
