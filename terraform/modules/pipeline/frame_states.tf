# The states around the steps: the beginning, the queue of arrivals, and the end.

locals {
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
