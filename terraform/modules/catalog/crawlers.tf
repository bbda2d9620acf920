# One crawler per kind and period; each crawls all its folders or tables in one run, because AWS bills at least ten minutes
# per crawl. `staging` crawls raw folders. `parquet` has catalog tables as targets, because an S3 target would also register
# the folders of earlier runs. Nothing crawls Iceberg: its metadata describes the table.

module "policies" {
  source = "../policies"
  site   = var.site
}

locals {
  _crawled = { for dataset, c in var.contracts : dataset => c if c.crawler != "none" }

  _staging = { for period in ["daily", "weekly"] : period => distinct([
    for c in local._crawled : "s3://${var.buckets.staging}/staging/${join("", regexall("^.*/", c.prefix))}"
    if !c.is_mart && c.crawler == period
  ]) }
  _tables = { for period in ["daily", "weekly"] : period => [
    for dataset, c in local._crawled : dataset if c.table_format == "parquet" && c.crawler == period
  ] }

  _schedule = {
    daily  = "cron(0 ${var.crawl_at_hour} * * ? *)"
    weekly = "cron(0 ${var.crawl_at_hour} ? * ${var.weekly_day} *)"
  }

  _role_arn = "arn:${var.site.partition}:iam::${var.site.account_id}:role/${var.site.name}-crawler"
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

  configuration = jsonencode({ Version = 1.0, Grouping = { TableGroupingPolicy = "CombineCompatibleSchemas" } })

  depends_on = [aws_iam_role_policy.crawler]
}

resource "aws_glue_crawler" "parquet" {
  for_each = { for period, tables in local._tables : period => tables if length(tables) > 0 }

  name                   = "${var.site.name}-parquet-${each.key}"
  description            = "Partitions of plain Parquet tables in ${var.database}, ${each.key}."
  database_name          = aws_glue_catalog_database.warehouse.name
  role                   = local._role_arn
  schedule               = local._schedule[each.key]
  security_configuration = aws_glue_security_configuration.crawlers.name

  catalog_target {
    database_name = aws_glue_catalog_database.warehouse.name
    tables        = [for dataset in each.value : aws_glue_catalog_table.parquet[dataset].name]
  }

  # AWS requires LOG for deletions if catalog tables are the targets.
  schema_change_policy {
    update_behavior = "UPDATE_IN_DATABASE"
    delete_behavior = "LOG"
  }

  configuration = jsonencode({ Version = 1.0, CrawlerOutput = { Partitions = { AddOrUpdateBehavior = "InheritFromTable" } } })

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
  name               = "${var.site.name}-crawler"
  description        = "What crawlers of ${var.site.name} may: read raw files and Parquet tables, write the catalog."
  assume_role_policy = module.policies.trust.glue
}

resource "aws_iam_role_policy" "crawler" {
  name = "crawl"
  role = aws_iam_role.crawler.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "ListBuckets"
          Effect   = "Allow"
          Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
          Resource = [local._s3.staging, local._s3.warehouse]
        },
        {
          Sid    = "ReadFiles"
          Effect = "Allow"
          Action = ["s3:GetObject"]
          Resource = concat(
            ["${local._s3.staging}/staging/*"],
            [for dataset in keys(local._parquet) : "${local._s3.warehouse}/data-warehouse/${dataset}/*"],
          )
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
      ],
      [for sid in length(local._parquet) > 0 ? ["WriteParquetTables"] : [] : {
        Sid    = sid
        Effect = "Allow"
        Action = [
          "glue:BatchCreatePartition", "glue:BatchGetPartition", "glue:BatchUpdatePartition", "glue:CreatePartition",
          "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables",
          "glue:UpdatePartition", "glue:UpdateTable",
        ]
        Resource = concat(
          ["${local._glue}:catalog", "${local._glue}:database/${var.database}"],
          [for dataset in keys(local._parquet) : "${local._glue}:table/${var.database}/${var.prefix}${dataset}"],
        )
      }],
    )
  })
}
