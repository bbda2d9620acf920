# One crawler of raw folders per period; it crawls all its folders in one run, because AWS bills at least ten minutes per crawl.
# Nothing crawls published tables. Iceberg's metadata describes its own; a plain Parquet table lies in one folder per run, and its
# job switches the catalog's partitions to the new one. A crawler would look below the table's folder, where former runs lie, too.

module "policies" {
  source = "../policies"
  site   = var.site
}

locals {
  _role    = "${var.site.roles.prefix}${var.site.name}" # how the names of roles begin
  _crawled = { for dataset, c in var.contracts : dataset => c if c.crawler != "none" }

  _staging = { for period in ["daily", "weekly"] : period => distinct([
    for c in local._crawled : "s3://${var.buckets.staging}/staging/${join("", regexall("^.*/", c.prefix))}"
    if !c.is_mart && c.crawler == period && c.arrive != "events" # modules/events crawls those
  ]) }

  _schedule = {
    daily  = "cron(0 ${var.crawl_at_hour} * * ? *)"
    weekly = "cron(0 ${var.crawl_at_hour} ? * ${var.weekly_day} *)"
  }

  _role_arn = "arn:${var.site.partition}:iam::${var.site.account_id}:role${var.site.roles.path}${local._role}-crawler"
  _glue     = "arn:${var.site.partition}:glue:${var.site.region}:${var.site.account_id}"
  _logs     = "arn:${var.site.partition}:logs:${var.site.region}:${var.site.account_id}"
  _s3       = { for role, bucket in var.buckets : role => "arn:${var.site.partition}:s3:::${bucket}" }
}

resource "aws_glue_crawler" "staging" {
  for_each = { for period, targets in local._staging : period => targets if length(targets) > 0 }

  name                   = "${var.site.name}-staging-${each.key}"
  description            = "Raw files into ${var.staging_database}, ${each.key}."
  database_name          = aws_glue_catalog_database.staging.name
  role                   = local._role_arn
  schedule               = local._schedule[each.key]
  table_prefix           = var.prefix
  security_configuration = aws_glue_security_configuration.crawlers.name

  dynamic "s3_target" {
    for_each = each.value

    content {
      path       = s3_target.value
      exclusions = ["_*", ".*", "**/_*", "**/.*", "_*/**", ".*/**", "**/_*/**", "**/.*/**"] # `**/` matches at least one folder
    }
  }

  schema_change_policy {
    update_behavior = "UPDATE_IN_DATABASE"
    delete_behavior = "LOG"
  }

  # Without `CreatePartitionIndex = false` Glue makes an index of partitions, which the crawler's role may not.
  configuration = jsonencode({
    Version              = 1.0
    Grouping             = { TableGroupingPolicy = "CombineCompatibleSchemas" }
    CreatePartitionIndex = false
  })

  depends_on = [aws_iam_role_policy.crawler]
}

# All crawlers of the account log into one group that AWS names, so the service decides about its encryption.
resource "aws_glue_security_configuration" "crawlers" {
  name = "${var.site.name}-crawlers"

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "DISABLED"
    }
    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "DISABLED"
    }
    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = var.kms_key_arn
    }
  }
}

resource "aws_iam_role" "crawler" {
  name                 = "${local._role}-crawler"
  description          = "What crawlers of ${var.site.name} may: read raw files, write the catalog of raw tables."
  assume_role_policy   = module.policies.trust.glue
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "crawler" {
  name = "crawl"
  role = aws_iam_role.crawler.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ListBuckets"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = [local._s3.staging]
      },
      {
        Sid      = "ReadFiles"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local._s3.staging}/staging/*"]
      },
      {
        Sid      = "UseKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [var.kms_key_arn]
      },
      {
        Sid    = "WriteStagingCatalog"
        Effect = "Allow"
        Action = [
          "glue:BatchCreatePartition", "glue:BatchGetPartition", "glue:BatchUpdatePartition", "glue:CreatePartition",
          "glue:CreateTable", "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable",
          "glue:GetTables", "glue:UpdatePartition", "glue:UpdateTable",
        ]
        Resource = [
          "${local._glue}:catalog", "${local._glue}:database/${var.staging_database}",
          "${local._glue}:table/${var.staging_database}/*",
        ]
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${local._logs}:log-group:/aws-glue/crawlers*"]
      },
    ]
  })
}
