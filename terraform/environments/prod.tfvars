name        = "headgate-prod"
environment = "prod"

region          = "eu-west-1"
allowed_regions = ["eu-west-1"]

release   = "0.1.0"
protected = true

monthly_budget_usd    = 500
athena_scan_limit_gb  = 100
athena_daily_limit_gb = 1000
log_retention_days    = 365
