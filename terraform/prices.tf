# Idle cost: what a month costs in which no file arrives. List prices in USD (us-east-1, 2025); other regions differ by
# some per cent. What runs cost is another question: docs/COST_OPTIMIZATION.md.

locals {
  _price = {
    schedule        = 1.00 / 1e6         # one invocation of EventBridge Scheduler
    express_start   = 1.00 / 1e6         # one execution of an express machine
    express_seconds = 0.0000167 / 16     # one second of it at 64 MB (a GB-second / 16)
    sqs_request     = 0.40 / 1e6         # one request
    crawl           = 10 / 60 * 2 * 0.44 # ten minutes, 2 DPU
    alarm           = 0.10
    key             = 1.00
  }
  _minutes = 30 * 24 * 60

  _ticks = { for dataset, c in local.contracts : dataset => (
    c.is_mart && c.refine == "arrival" ? 0 : c.refine == "arrival" ? local._minutes / var.window_min : c.refine == "weekly" ? 4.3 : 30
  ) }
  _looks = { for dataset, c in local.contracts : dataset => c.freshness_hours == null ? 0 : 30 * 24 }

  _tick_cost = local._price.schedule + local._price.express_start + 0.1 * local._price.express_seconds

  idle_cost = { for dataset, c in local.contracts : dataset => {
    usd_per_month = ceil(10000 * (
      (local._ticks[dataset] + local._looks[dataset]) * local._tick_cost + (c.refine == "arrival" ? local._ticks[dataset] * local._price.sqs_request : 0)
    )) / 10000
    resources = compact(concat(
      ["Glue job and role"],
      [local._ticks[dataset] > 0 ? "state machine, schedule" : ""],
      [!c.is_mart && c.refine == "arrival" ? "rule, queue" : ""],
      [c.table_format == "parquet" ? "catalog table" : ""],
      [c.crawler != "none" ? "a share of the ${c.crawler} crawler" : ""],
      [c.freshness_hours != null ? "late-data schedule" : ""],
    ))
  } }

  _crawls = sum(concat([0], [for period, runs in { daily = 30, weekly = 4.3 } : runs * (
    (anytrue([for c in local.contracts : c.crawler == period && !c.is_mart]) ? 1 : 0) +
    (anytrue([for c in local.contracts : c.crawler == period && c.table_format == "parquet"]) ? 1 : 0)
  )]))
}
