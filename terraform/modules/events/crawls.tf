# What the function lands is registered by one crawler. Each landed file puts a hint into one queue (modules/pipeline/routes.tf); the
# tick that starts pipelines (modules/pipeline/ticks.tf) starts the machine `crawl-events` if there is a hint and no crawl is under
# way. The machine removes the hints before the crawl, never after it: a document that lands meanwhile leaves a hint, and causes one
# more crawl.

locals {
  _crawler = "${var.site.name}-events"
  _machine = "${var.site.name}-crawl-events"
  _sdk     = "${local._arn}:states:::aws-sdk"
  _landing = { for dataset, c in var.contracts : dataset => c.prefix }
  _tags    = { for dataset, c in var.contracts : dataset => c.tags }

  _domain    = var.site.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"
  _landed_at = "https://sqs.${var.site.region}.${local._domain}/${var.site.account_id}/${var.site.name}-landed"

  _last_start = "$states.result.Crawler.LastCrawl.StartTime"
  _crawled    = "{% $exists(${local._last_start}) ? $toMillis(${local._last_start}) : 0 %}"
  _again = [{
    ErrorEquals     = ["Sqs.SqsException", "Glue.ThrottlingException", "Glue.OperationTimeoutException", "Glue.InternalServiceException"]
    IntervalSeconds = 5
    MaxAttempts     = 3
    BackoffRate     = 2
    JitterStrategy  = "FULL"
  }]

  crawl = {
    Comment       = "Register what the function has landed: one crawl for all documents so far."
    QueryLanguage = "JSONata"
    StartAt       = "Look at the crawler"
    States = {
      "Look at the crawler" = {
        Type      = "Task"
        Resource  = "${local._sdk}:glue:getCrawler"
        Arguments = { Name = local._crawler }
        Assign    = { crawled = local._crawled }
        Retry     = local._again
        Next      = "A crawl is due"
      }
      # If none is due, the hints stay, and a later tick asks again.
      "A crawl is due" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $millis() - $crawled >= ${var.crawl_every_min * 60000} %}", Next = "Forget documents" }]
        Default = "Later"
      }
      "Later" = { Type = "Succeed" }
      # SQS takes up to a minute to purge a queue. The crawl begins only after that, so it finds the file of every hint that was removed.
      "Forget documents" = {
        Type      = "Task"
        Resource  = "${local._sdk}:sqs:purgeQueue"
        Arguments = { QueueUrl = local._landed_at }
        Retry = concat([{
          ErrorEquals     = ["Sqs.PurgeQueueInProgressException"]
          IntervalSeconds = 61
          MaxAttempts     = 2
          BackoffRate     = 1
        }], local._again)
        Next = "Let documents settle"
      }
      "Let documents settle" = { Type = "Wait", Seconds = 60, Next = "Crawl" }
      "Crawl" = {
        Type      = "Task"
        Resource  = "${local._sdk}:glue:startCrawler"
        Arguments = { Name = local._crawler }
        Retry     = local._again
        Catch = [
          { ErrorEquals = ["Glue.CrawlerRunningException"], Next = "Let another crawl end" },
          { ErrorEquals = ["States.ALL"], Assign = { wrong = "{% $states.errorOutput.Error %}" }, Next = "Remember documents" },
        ]
        Next = "Let it crawl"
      }
      # Somebody has started the crawler by hand. That crawl may have begun before these documents landed.
      "Let another crawl end" = { Type = "Wait", Seconds = 60, Next = "Crawl" }
      "Let it crawl"          = { Type = "Wait", Seconds = 30, Next = "Look at the crawl" }
      "Look at the crawl" = {
        Type      = "Task"
        Resource  = "${local._sdk}:glue:getCrawler"
        Arguments = { Name = local._crawler }
        Assign = {
          ended = "{% $states.result.Crawler.State = 'READY' %}"
          wrong = "{% $states.result.Crawler.LastCrawl.Status = 'SUCCEEDED' ? '' : 'Crawl' & $states.result.Crawler.LastCrawl.Status %}"
        }
        Retry = local._again
        Catch = [{ ErrorEquals = ["States.ALL"], Assign = { wrong = "{% $states.errorOutput.Error %}" }, Next = "Remember documents" }]
        Next  = "The crawl has ended"
      }
      "The crawl has ended" = {
        Type = "Choice"
        Choices = [
          { Condition = "{% $ended and $wrong = '' %}", Next = "Registered" },
          { Condition = "{% $ended %}", Next = "Remember documents" },
        ]
        Default = "Let it crawl"
      }
      "Registered" = { Type = "Succeed" }
      # Their hints are gone, so a new one stands for all of them.
      "Remember documents" = {
        Type      = "Task"
        Resource  = "${local._sdk}:sqs:sendMessage"
        Arguments = { QueueUrl = local._landed_at, MessageBody = "{\"crawl\": \"failed\"}" }
        Retry     = local._again
        Next      = "Not registered"
      }
      "Not registered" = { Type = "Fail", Error = "NotRegistered", Cause = "{% $wrong %}" }
    }
  }
}

resource "aws_sqs_queue" "landed" {
  name                      = "${var.site.name}-landed"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
  policy                    = local._queue_policy["landed"]
}

# Every file of a dataset has the same columns, all of them text, so its table changes only with its contract. The table has no
# partitions: Athena sees a file that lands later without any crawl.
resource "aws_glue_crawler" "events" {
  name                   = local._crawler
  description            = "Flattened documents into ${var.catalog.staging_database}."
  database_name          = var.catalog.staging_database
  role                   = var.catalog.role_arn
  table_prefix           = var.catalog.prefix
  security_configuration = var.catalog.security_configuration

  dynamic "s3_target" {
    for_each = distinct(values(local._landing))

    content {
      path       = "s3://${var.staging_bucket}/staging/${s3_target.value}"
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
}

resource "aws_sfn_state_machine" "crawl" {
  name       = local._machine
  type       = "STANDARD"
  role_arn   = aws_iam_role.crawl.arn
  definition = jsonencode(local.crawl)

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true # names and times, no data
    log_destination        = "${aws_cloudwatch_log_group.crawl.arn}:*"
  }

  depends_on = [aws_iam_role_policy.crawl]
}

resource "aws_cloudwatch_log_group" "crawl" {
  name              = "/aws/vendedlogs/states/${local._machine}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_scheduler_schedule" "crawl" {
  name                         = "_crawl-events" # no dataset's name begins with `_`
  group_name                   = var.ticks.group
  description                  = "Register landed documents, once per window, if there are any."
  schedule_expression          = "cron(0/${var.window_min} * * * ? *)"
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.ticks.admit
    role_arn = var.ticks.role_arn

    # jsonencode() would write < and > as \u003c and \u003e, and Scheduler would not recognise its placeholder.
    input = replace(replace(jsonencode({
      dataset   = "crawl-events"
      pipeline  = "${local._arn}:states:${local._here}:stateMachine:${aws_sfn_state_machine.crawl.name}"
      queue     = local._landed_at
      scheduled = "<aws.scheduler.scheduled-time>"
    }), "\\u003c", "<"), "\\u003e", ">")

    dead_letter_config {
      arn = var.ticks.undelivered_arn
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }
  }
}

resource "aws_iam_role" "crawl" {
  name                 = "${local._role}-crawl"
  description          = "What crawl-events of ${var.site.name} may: start one crawler, remove and put hints."
  assume_role_policy   = module.policies.trust.states
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "crawl" {
  name = "crawl"
  role = aws_iam_role.crawl.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "RunCrawler"
        Effect   = "Allow"
        Action   = ["glue:GetCrawler", "glue:StartCrawler"]
        Resource = ["${local._arn}:glue:${local._here}:crawler/${local._crawler}"]
      },
      {
        Sid      = "ForgetAndRemember"
        Effect   = "Allow"
        Action   = ["sqs:PurgeQueue", "sqs:SendMessage"]
        Resource = ["${local._queues}-landed"]
      },
      module.policies.deliver_logs,
    ]
  })
}
