# The states around the steps: the beginning, the queue of arrivals, the crawler, and the end.

locals {
  _last_crawl = "$states.result.Crawler.LastCrawl.StartTime"

  _crawler = { for dataset in keys(local._pipelines) : dataset => lookup(var.crawlers, dataset, { name = "", hours = 0 }) }
  _crawl_states = { for dataset, crawler in local._crawler : dataset => { for name, state in {
    # The crawler has its own schedule. The pipeline starts it only if its last crawl is older than its period.
    "Look at the crawler" = {
      Type      = "Task"
      Resource  = "${local._sdk}:glue:getCrawler"
      Arguments = { Name = crawler.name }
      Assign    = { crawled = "{% $exists(${local._last_crawl}) ? $toMillis(${local._last_crawl}) : 0 %}" }
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
  } : name => state if crawler.name != "" } }

  _begin_states = { for dataset in keys(local._pipelines) : dataset => {
    Begin = {
      Type   = "Pass"
      Assign = { wrong = "{% '' %}", waiting = "{% '' %}", run = "{% '' %}", outcome = "{% '' %}", cause = "{% '' %}" }
      Next   = contains(keys(local._by_arrival), dataset) ? "Forget arrivals" : local._begins[dataset][0]
    }
  } }

  # The pipeline removes the hints before the run lists the objects, never after it. SQS takes up to a minute to purge a
  # queue, and the run lists the objects only after that minute, so it finds the object of every hint that was removed.
  _arrival_states = { for dataset in keys(local._pipelines) : dataset => { for name, state in {
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
  } : name => state if contains(keys(local._by_arrival), dataset) } }

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
        TopicArn = local._topic
        Subject  = substr("${var.site.name}: ${dataset} went well", 0, 100)
        Message = join("", [
          "{% ($waiting = '' ? '${dataset} and ${length(lookup(var.after, dataset, []))} marts after it went well.'",
          " : 'Nothing went wrong. Not built yet, since something that they read was never published:' & $waiting)",
          " & ($run = '' ? '' : '\\nLast report: ${local._console}' & $run & '/report.html') %}",
        ])
        MessageAttributes = {
          for name, text in { outcome = "published", dataset = dataset } : name => { DataType = "String", StringValue = text }
        }
      }
      Retry = local._patient
      End   = true
    }
    "Not all went well" = { Type = "Fail", Error = "NotAllWentWell", Cause = "{% $wrong %}" }
  } }
}
