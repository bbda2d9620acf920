# One page for the whole lake. SEARCH finds what there is, so a new dataset needs no new widget.

locals {
  _at    = { region = var.site.region, view = "timeSeries", stacked = false, period = 3600 }
  _place = { width = 12, height = 6 }

  _widgets = [
    { title = "Runs that did not go well", search = "SEARCH('{Headgate,Lake,Step,Outcome} MetricName=\"Runs\" Lake=\"${var.site.name}\"', 'Sum', 3600)" },
    { title = "Late datasets", search = "SEARCH('{Headgate,Lake,Dataset} MetricName=\"Late\" Lake=\"${var.site.name}\"', 'Sum', 3600)" },
    { title = "Minutes that arrivals wait", search = "SEARCH('{Headgate,Lake} MetricName=\"ArrivalsWaitMinutes\" Lake=\"${var.site.name}\"', 'Maximum', 900)" },
    { title = "Hints in the queues", search = "SEARCH('{AWS/SQS,QueueName} MetricName=\"ApproximateNumberOfMessagesVisible\" ${var.site.name}-arrivals', 'Maximum', 900)" },
    { title = "Not delivered", search = "SEARCH('{AWS/SQS,QueueName} MetricName=\"ApproximateNumberOfMessagesVisible\" QueueName=\"${var.undelivered_queue}\"', 'Maximum', 900)" },
    { title = "Bytes read by Athena", search = "SEARCH('{AWS/Athena,QueryState,QueryType,WorkGroup} MetricName=\"ProcessedBytes\" WorkGroup=\"${var.workgroup}\"', 'Sum', 3600)" },
  ]
}

resource "aws_cloudwatch_dashboard" "lake" {
  dashboard_name = var.site.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{ type = "text", x = 0, y = 0, width = 24, height = 2, properties = { markdown = "# ${var.site.name}\nWhat each alarm asks for: docs/RUNBOOK.md. Reports of runs: the bucket of reports, `latest/<dataset>/report.html`." } }],
      [for i, one in local._widgets : merge(local._place, {
        type       = "metric"
        x          = i % 2 * 12
        y          = 2 + floor(i / 2) * 6
        properties = merge(local._at, { title = one.title, metrics = [[{ expression = one.search, id = "e${i}" }]] })
      })],
    )
  })
}
