name        = "headgate-dev"
environment = "dev"

region          = "eu-west-1"
allowed_regions = ["eu-west-1"]

release   = "0.1.0"
protected = false

monthly_budget_usd    = 50
athena_scan_limit_gb  = 10
athena_daily_limit_gb = 100
log_retention_days    = 30
