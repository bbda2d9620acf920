mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site             = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  database         = "data_warehouse_db"
  staging_database = "staging_db"
  prefix           = "tbl_"
  buckets          = { staging = "test-staging", warehouse = "test-warehouse" }
  crawl_at_hour    = 3
  weekly_day       = "MON"
  contracts = {
    orders = {
      owner        = "o", description = "d", is_mart = false, prefix = "orders/", crawler = "daily"
      table_format = "iceberg", partition_by = [], columns = [{ name = "id", type = "string", classified = false }]
    }
    visits = {
      owner        = "o", description = "d", is_mart = false, prefix = "visits/", crawler = "daily"
      table_format = "parquet", partition_by = ["seen_on"]
      columns = [
        { name = "page", type = "string", classified = false },
        { name = "seen_on", type = "date", classified = false },
        { name = "times", type = "long", classified = false },
        { name = "visitor", type = "bigint", classified = true },
      ]
    }
    clicks = {
      owner        = "o", description = "d", is_mart = false, prefix = "visits/", crawler = "weekly"
      table_format = "iceberg", partition_by = [], columns = [{ name = "id", type = "string", classified = false }]
    }
  }
}

run "raw_folders_are_crawled_and_published_tables_never" {
  command = plan

  assert {
    condition     = keys(aws_glue_crawler.staging) == ["daily", "weekly"]
    error_message = "Crawlers ${jsonencode(keys(aws_glue_crawler.staging))}."
  }
  assert {
    condition = [for target in aws_glue_crawler.staging["daily"].s3_target : target.path] == [
      "s3://test-staging/staging/orders/", "s3://test-staging/staging/visits/",
    ]
    error_message = "One run, several folders: ${jsonencode(aws_glue_crawler.staging["daily"].s3_target[*].path)}."
  }
  assert {
    condition     = alltrue([for crawler in aws_glue_crawler.staging : jsondecode(crawler.configuration).CreatePartitionIndex == false])
    error_message = "The role may not create an index of partitions: ${aws_glue_crawler.staging["daily"].configuration}."
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.crawler.policy, "warehouse")
    error_message = "A crawler has no business with published tables: ${aws_iam_role_policy.crawler.policy}."
  }
  assert {
    condition     = jsonencode(keys(aws_glue_catalog_table.parquet)) == jsonencode(["visits"])
    error_message = "Iceberg tables belong to the jobs; Terraform created ${jsonencode(keys(aws_glue_catalog_table.parquet))}."
  }
  assert {
    condition = [for c in aws_glue_catalog_table.parquet["visits"].storage_descriptor[0].columns : "${c.name} ${c.type}"] == [
      "page string", "times bigint", "visitor string", "_object string", "_arrival timestamp", "_run string",
    ]
    error_message = "Columns ${jsonencode(aws_glue_catalog_table.parquet["visits"].storage_descriptor[0].columns)}."
  }
  assert {
    condition     = aws_glue_catalog_table.parquet["visits"].partition_keys[0].type == "date"
    error_message = "Partitions ${jsonencode(aws_glue_catalog_table.parquet["visits"].partition_keys)}."
  }
  assert {
    condition     = aws_glue_crawler.staging["weekly"].schedule == "cron(0 3 ? * MON *)"
    error_message = "Schedule ${aws_glue_crawler.staging["weekly"].schedule}."
  }
}

run "one_database_for_raw_and_published_is_refused" {
  command = plan

  variables {
    staging_database = "data_warehouse_db"
  }

  expect_failures = [var.staging_database]
}

run "a_database_that_athena_cannot_read_is_refused" {
  command = plan

  variables {
    database = "Warehouse"
  }

  expect_failures = [var.database]
}

run "an_hour_that_is_none_is_refused" {
  command = plan

  variables {
    crawl_at_hour = 24
  }

  expect_failures = [var.crawl_at_hour]
}
