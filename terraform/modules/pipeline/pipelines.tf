# One standard machine per dataset: refine → crawler where wanted → marts in order, where all they read is there → notification. What is passed on are
# names and a run's id; no state ever holds a list of objects.

locals {
  _sdk     = "arn:${var.site.partition}:states:::aws-sdk"
  _console = "https://${var.site.region}.console.aws.amazon.com/s3/object/${var.buckets.reports}?region=${var.site.region}&prefix=runs/"

  _start_refused = [
    "Glue.ConcurrentRunsExceededException", "Glue.InternalServiceException", "Glue.OperationTimeoutException",
    "Glue.ResourceNumberLimitExceededException", "Glue.ThrottlingException",
  ]

  # The steps of each pipeline: its own job first, then the marts that read it.
  _steps = { for dataset, c in local._pipelines : dataset => concat(
    [{ name = dataset, title = c.is_mart ? "Build" : "Refine", step = c.is_mart ? "build_mart" : "refine", first = true }],
    [for mart in lookup(var.after, dataset, []) : { name = mart, title = "Build ${mart}", step = "build_mart", first = false }],
  ) }

  _after_first = { for dataset in keys(local._pipelines) : dataset => contains(keys(var.crawlers), dataset) ? "Look at the crawler" : local._second[dataset] }
  _second      = { for dataset, steps in local._steps : dataset => length(steps) > 1 ? local._begins[dataset][1] : "All went well" }

  # Which tables a mart waits for: its own first, then those that it reads.
  _looked_at = { for mart, reads in var.reads : mart => [for name in concat([mart], reads) : "${var.catalog.prefix}${name}"] }

  # Where a step begins: a mart looks at what it reads first.
  _begins = { for dataset, steps in local._steps : dataset => [for one in steps : one.step == "build_mart" ? "Before: ${one.title}" : "Prepare ${one.title}"] }

  # Where a step goes: after success to the next; after a failure of the dataset itself to the end, since marts would
  # read what they have already read; after a failure of a mart to the next mart.
  _flow = { for dataset, steps in local._steps : dataset => [
    for i, one in steps : merge(one, {
      next = i == 0 ? local._after_first[dataset] : i + 1 < length(steps) ? local._begins[dataset][min(i + 1, length(steps) - 1)] : "All went well"
      fail = i == 0 ? "All went well" : i + 1 < length(steps) ? local._begins[dataset][min(i + 1, length(steps) - 1)] : "All went well"
    })
  ] }

  _step_states = { for dataset, flow in local._flow : dataset => merge([
    for one in flow : {
      "Prepare ${one.title}" = {
        Type   = "Pass"
        Assign = { attempt = 0 }
        Next   = "Name the run: ${one.title}"
      }
      "Name the run: ${one.title}" = {
        Type   = "Pass"
        Assign = { run = "{% $replace($substring($states.context.State.EnteredTime, 0, 19), /[-:]/, '') & 'Z-' & $substring($uuid(), 0, 6) %}" }
        Next   = one.title
      }
      (one.title) = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::glue:startJobRun.sync"
        Arguments = {
          JobName   = var.jobs[one.name]
          Arguments = { "--run_id" = "{% $run %}", "--full" = one.first ? "{% $states.context.Execution.Input.full = true ? 'true' : 'false' %}" : "false" }
        }
        Assign = { outcome = "published", cause = "{% '' %}" }
        # The start was refused; no run has begun.
        Retry = [{
          ErrorEquals     = local._start_refused
          IntervalSeconds = 30
          MaxAttempts     = 5
          BackoffRate     = 2
          JitterStrategy  = "FULL"
        }]
        Catch = [{
          ErrorEquals = ["States.ALL"]
          Assign      = { outcome = "failed", cause = "{% $states.errorOutput.Error & ' ' & $states.errorOutput.Cause %}" }
          Next        = "Why: ${one.title}"
        }]
        Next = "Keep the report: ${one.title}"
      }
      # A closed gate is the answer, not a fault: the same data would be refused again. What the job itself has said is
      # wrong stays wrong too. Everything else is the infrastructure's, and is tried once more under a new run.
      "Why: ${one.title}" = {
        Type = "Choice"
        Choices = [
          { Condition = "{% $contains($cause, 'GateClosed:') %}", Assign = { outcome = "closed" }, Next = "Keep the report: ${one.title}" },
          { Condition = "{% $contains($cause, /(RunFailed|UnusableContract|UnusableArgument):/) %}", Next = "Keep the report: ${one.title}" },
          { Condition = "{% $attempt < 1 %}", Assign = { attempt = "{% $attempt + 1 %}" }, Next = "Let it pass: ${one.title}" },
        ]
        Default = "Keep the report: ${one.title}"
      }
      "Let it pass: ${one.title}" = {
        Type    = "Wait"
        Seconds = 60
        Next    = "Name the run: ${one.title}"
      }
      # latest/<dataset>/report.html, where the job's description points. A run that broke early has none.
      "Keep the report: ${one.title}" = {
        Type     = "Task"
        Resource = "${local._sdk}:s3:copyObject"
        Arguments = {
          Bucket     = var.buckets.reports
          CopySource = "{% '${var.buckets.reports}/runs/' & $run & '/report.html' %}"
          Key        = "latest/${one.name}/report.html"
        }
        Retry = local._patient
        Catch = [{ ErrorEquals = ["States.ALL"], Next = "How it went: ${one.title}" }]
        Next  = "How it went: ${one.title}"
      }
      "How it went: ${one.title}" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $outcome = 'published' %}", Next = one.next }]
        Default = "Count: ${one.title}"
      }
      "Count: ${one.title}" = {
        Type     = "Task"
        Resource = "${local._sdk}:cloudwatch:putMetricData"
        Arguments = {
          Namespace = "Headgate"
          MetricData = [{
            MetricName = "Runs"
            Dimensions = [
              { Name = "Lake", Value = var.site.name },
              { Name = "Step", Value = one.step },
              { Name = "Outcome", Value = "{% $outcome %}" },
            ]
            Value = 1
          }]
        }
        Assign = { wrong = "{% $wrong = '' ? '${one.name} ' & $outcome : $wrong & ', ${one.name} ' & $outcome %}" }
        Retry  = local._patient
        Next   = "Tell: ${one.title}"
      }
      "Tell: ${one.title}" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::sns:publish"
        Arguments = {
          TopicArn          = local._topic
          Subject           = "{% $substring('${var.site.name}: ${one.name} ' & ($outcome = 'closed' ? 'closed its gate' : 'failed'), 0, 100) %}"
          Message           = "{% '${one.name} ' & ($outcome = 'closed' ? 'closed its gate: nothing was published, readers see the previous data.' : 'failed: nothing was published.') & '\\nReport: ${local._console}' & $run & '/report.html\\nWhat to do: docs/RUNBOOK.md, ' & ($outcome = 'closed' ? 'gate closed' : 'job failed') & '\\n\\n' & $substring($cause, 0, 2000) %}"
          MessageAttributes = { outcome = { DataType = "String", StringValue = "{% $outcome %}" }, dataset = { DataType = "String", StringValue = one.name } }
        }
        Retry = local._patient
        Next  = one.fail
      }
    }
  ]...) }

  # On a lake's first load some marts come up before all that they read was published; those that wait are not told as
  # failed. Only a mart that was never published itself waits: where a table has vanished since, the job runs and says so.
  # So it does where the catalog cannot be asked. What has no pointer (a Parquet table that Terraform made) is not published.
  _look_states = { for dataset, flow in local._flow : dataset => merge([
    for one in flow : {
      "Before: ${one.title}" = {
        Type   = "Pass"
        Assign = { looked = 0 }
        Next   = "Look: ${one.title}"
      }
      "Look: ${one.title}" = {
        Type     = "Task"
        Resource = "${local._sdk}:glue:getTable"
        Arguments = {
          DatabaseName = var.catalog.database
          Name         = "{% ['${join("', '", local._looked_at[one.name])}'][$looked] %}"
        }
        Assign = {
          looked    = "{% $looked + 1 %}"
          published = "{% $exists($lookup($states.result.Table.Parameters, 'metadata_location')) or $exists($lookup($states.result.Table.Parameters, 'headgate.ledger')) %}"
        }
        Retry = local._patient_but_sure
        Catch = [
          { ErrorEquals = ["Glue.EntityNotFoundException"], Assign = { looked = "{% $looked + 1 %}", published = "{% false %}" }, Next = "Is all there: ${one.title}" },
          { ErrorEquals = ["States.ALL"], Next = "Prepare ${one.title}" },
        ]
        Next = "Is all there: ${one.title}"
      }
      "Is all there: ${one.title}" = {
        Type = "Choice"
        Choices = [
          { Condition = "{% $looked = 1 and $published %}", Next = "Prepare ${one.title}" },
          { Condition = "{% $looked > 1 and $not($published) %}", Next = "Not yet: ${one.title}" },
          { Condition = "{% $looked < ${length(local._looked_at[one.name])} %}", Next = "Look: ${one.title}" },
        ]
        Default = "Prepare ${one.title}"
      }
      "Not yet: ${one.title}" = {
        Type   = "Pass"
        Assign = { waiting = "{% $waiting & ' ${one.name}' %}" }
        Next   = one.fail
      }
    } if one.step == "build_mart"
  ]...) }

  _crawler = { for dataset in keys(local._pipelines) : dataset => lookup(var.crawlers, dataset, { name = "", hours = 0 }) }
  _crawl_states = { for dataset, crawler in local._crawler : dataset => { for state, does in {
    # The crawler has its own schedule. Here it only starts when its last crawl is older than its period.
    "Look at the crawler" = {
      Type      = "Task"
      Resource  = "${local._sdk}:glue:getCrawler"
      Arguments = { Name = crawler.name }
      Assign    = { crawled = "{% $exists($states.result.Crawler.LastCrawl.StartTime) ? $toMillis($states.result.Crawler.LastCrawl.StartTime) : 0 %}" }
      Retry     = local._patient
      Next      = "A crawl is due"
    }
    "A crawl is due" = {
      Type    = "Choice"
      Choices = [{ Condition = "{% $millis() - $crawled > ${crawler.hours * 3600 * 1000} %}", Next = "Crawl" }]
      Default = local._second[dataset]
    }
    "Crawl" = {
      Type      = "Task"
      Resource  = "${local._sdk}:glue:startCrawler"
      Arguments = { Name = crawler.name }
      Retry     = local._patient
      Catch     = [{ ErrorEquals = ["Glue.CrawlerRunningException"], Next = local._second[dataset] }]
      Next      = local._second[dataset]
    }
  } : state => does if crawler.name != "" } }

  _begin_states = { for dataset in keys(local._pipelines) : dataset => {
    Begin = {
      Type   = "Pass"
      Assign = { wrong = "{% '' %}", waiting = "{% '' %}", run = "{% '' %}", outcome = "{% '' %}", cause = "{% '' %}" }
      Next   = contains(keys(local._by_arrival), dataset) ? "Forget arrivals" : local._begins[dataset][0]
    }
  } }

  # The hints are thrown away before the run lists the objects, never after: purging takes SQS up to a minute, and a
  # hint that is thrown away within it is of an object that the listing will find.
  _arrival_states = { for dataset in keys(local._pipelines) : dataset => { for state, does in {
    "Forget arrivals" = {
      Type      = "Task"
      Resource  = "${local._sdk}:sqs:purgeQueue"
      Arguments = { QueueUrl = lookup(local._queue_url, dataset, "") }
      Retry = concat([{
        ErrorEquals     = ["Sqs.PurgeQueueInProgressException"]
        IntervalSeconds = 61
        MaxAttempts     = 2
        BackoffRate     = 1
      }], local._patient)
      Next = "Let arrivals settle"
    }
    "Let arrivals settle" = { Type = "Wait", Seconds = 60, Next = "Prepare Refine" }
  } : state => does if contains(keys(local._by_arrival), dataset) } }

  _end_states = { for dataset in keys(local._pipelines) : dataset => {
    "All went well" = {
      Type    = "Choice"
      Choices = [{ Condition = "{% $wrong = '' %}", Next = "Tell" }]
      Default = "Not all went well"
    }
    "Tell" = {
      Type     = "Task"
      Resource = "arn:${var.site.partition}:states:::sns:publish"
      Arguments = {
        TopicArn          = local._topic
        Subject           = substr("${var.site.name}: ${dataset} went well", 0, 100)
        Message           = "{% ($waiting = '' ? '${dataset} and ${length(lookup(var.after, dataset, []))} marts after it went well.' : 'Nothing went wrong. Not built yet, since something that they read was never published:' & $waiting) & ($run = '' ? '' : '\\nLast report: ${local._console}' & $run & '/report.html') %}"
        MessageAttributes = { outcome = { DataType = "String", StringValue = "published" }, dataset = { DataType = "String", StringValue = dataset } }
      }
      Retry = local._patient
      End   = true
    }
    "Not all went well" = { Type = "Fail", Error = "NotAllWentWell", Cause = "{% $wrong %}" }
  } }

  definitions = { for dataset in keys(local._pipelines) : dataset => {
    Comment       = "${dataset}: refine, crawl where wanted, build the marts that read it, tell."
    QueryLanguage = "JSONata"
    StartAt       = "Begin"
    States = merge(
      local._begin_states[dataset],
      local._arrival_states[dataset],
      local._look_states[dataset],
      local._step_states[dataset],
      local._crawl_states[dataset],
      local._end_states[dataset],
    )
  } }
}

# As text at once: every instance of a resource walks all of a local that it reads from.
locals {
  _definition = { for dataset, definition in local.definitions : dataset => jsonencode(definition) }
}

resource "aws_sfn_state_machine" "pipeline" {
  for_each = local._refining

  name       = "${var.site.name}-${each.key}"
  type       = "STANDARD"
  role_arn   = aws_iam_role.pipeline.arn
  definition = local._definition[each.key]
  tags       = local._tags[each.key]

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.pipeline.arn}:*"
  }

  depends_on = [aws_iam_role_policy.pipeline]
}

resource "aws_cloudwatch_log_group" "pipeline" {
  name              = "/aws/vendedlogs/states/${var.site.name}-pipeline"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}
