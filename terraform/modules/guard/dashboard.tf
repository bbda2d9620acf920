# One page for the whole lake. SEARCH finds the metrics that exist, so a new dataset needs no new widget.

locals {
  _at    = { region = var.site.region, view = "timeSeries", stacked = false, period = 3600 }
  _place = { width = 12, height = 6 }
  _lake  = "Lake=\"${var.site.name}\""
  _queue = "{AWS/SQS,QueueName} MetricName=\"ApproximateNumberOfMessagesVisible\""

  _widgets = [
    { title = "Runs that did not go well", find = "{Headgate,Lake,Step,Outcome} MetricName=\"Runs\" ${local._lake}", by = "'Sum', 3600" },
    { title = "Late datasets", find = "{Headgate,Lake,Dataset} MetricName=\"Late\" ${local._lake}", by = "'Sum', 3600" },
    {
      title = "Minutes that arrivals wait"
      find  = "{Headgate,Lake} MetricName=\"ArrivalsWaitMinutes\" ${local._lake}", by = "'Maximum', 900"
    },
    { title = "Hints in the queues", find = "${local._queue} ${var.site.name}-arrivals", by = "'Maximum', 900" },
    { title = "Not delivered", find = "${local._queue} QueueName=\"${var.undelivered_queue}\"", by = "'Maximum', 900" },
    {
      title = "Bytes read by Athena"
      find  = "{AWS/Athena,QueryState,QueryType,WorkGroup} MetricName=\"ProcessedBytes\" WorkGroup=\"${var.workgroup}\""
      by    = "'Sum', 3600"
    },
  ]

  _text = join(" ", [
    "# ${var.site.name}\nWhat each alarm asks for: docs/RUNBOOK.md.",
    "Reports of runs: the bucket of reports, `latest/<dataset>/report.html`.",
  ])
}

resource "aws_cloudwatch_dashboard" "lake" {
  dashboard_name = var.site.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{ type = "text", x = 0, y = 0, width = 24, height = 2, properties = { markdown = local._text } }],
      [for i, widget in local._widgets : merge(local._place, {
        type = "metric"
        x    = i % 2 * 12
        y    = 2 + floor(i / 2) * 6
        properties = merge(local._at, {
          title   = widget.title
          metrics = [[{ expression = "SEARCH('${widget.find}', ${widget.by})", id = "e${i}" }]]
        })
      })],
    )
  })
}
