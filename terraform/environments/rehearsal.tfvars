# The rehearsal: the whole lake on an AWS emulator on this machine (`make rehearse`). Its account exists only in the emulator,
# so nothing of this can be applied to a real account.
name        = "rehearsal"
environment = "rehearsal"

region              = "eu-west-1"
allowed_regions     = ["eu-west-1"]
allowed_account_ids = ["123456789012"]

release   = "0.1.0"
protected = false

window_min = 1

event_function        = { architecture = "x86_64", timeout_s = 60, concurrency = 2 }
event_crawl_every_min = 0

notify_emails     = ["ops@example.org"]
github_repository = "example/lake"

monthly_budget_usd    = 50
athena_scan_limit_gb  = 10
athena_daily_limit_gb = 100
log_retention_days    = 30
