# One rule for all datasets, because a bus has 300 rules: it hands each new object of staging to the express machine `route-arrivals`,
# which finds the queues of the datasets below whose path the object lies, and puts a hint into each. A hint that its queue does not
# take goes to the dead letters. An object of no dataset on arrival leaves nothing.

locals {
  _route = "${var.site.name}-route-arrivals" # no dataset's name has a hyphen

  # What arrives below which path leaves a hint in which queue. Documents that land on the event path (modules/events) leave a
  # second one in the queue `landed`, which lets them be crawled.
  _hints = concat(
    [for dataset, prefix in local._arriving : {
      folder = regex("^(?:[^/]*/)*", prefix), prefix = prefix, queue = trimprefix(local._queue_name[dataset], "${var.site.name}-")
    }],
    [for dataset, c in var.contracts : { folder = c.prefix, prefix = c.prefix, queue = "landed" } if c.incoming != null],
  )
  # By folder below staging: each queue, and how the rest of a key must begin (`*`: anything). A path may be one file.
  _by_folder = { for hint in local._hints : hint.folder => hint... }
  _routes    = { for folder, hints in local._by_folder : folder => { for h in hints : h.queue => "${trimprefix(h.prefix, folder)}*" } }

  _routes_size  = length(jsonencode(local._routes))
  _routes_limit = 256 * 1024 # of the variables that a state of Step Functions assigns

  # Every folder in which the object lies, from staging itself down; each is looked up, so the number of datasets costs no time.
  _folders = join(" ", [
    "[$map([0..$count($parts) - 1], function($depth) {",
    "$depth = 0 ? '' : $join($filter($parts, function($part, $i) { $i < $depth }), '/') & '/'",
    "})]",
  ])
  _found = join(" ", [
    "($name := $substringAfter($states.input.key, '/'); $parts := $split($name, '/'); $folders := ${local._folders};",
    "[$distinct($folders.($folder := $; $each($lookup($routes, $folder), function($rest, $queue) {(",
    "$path := $folder & $substringBefore($rest, '*'); $substring($name, 0, $length($path)) = $path ? $queue",
    ")})))])",
  ])

  _left   = "{% [$filter($queues, function($queue, $i) { $i > 0 })] %}"
  _at_url = "https://sqs.${var.site.region}.${local._domain}/${var.site.account_id}/${var.site.name}"

  # A call and its tries end after some 35 s; an express execution has five minutes.
  _soon = [merge(local._again, {
    ErrorEquals     = ["Sqs.RequestThrottledException", "Sqs.SqsException", "States.Timeout"]
    IntervalSeconds = 2
  })]

  route = {
    Comment       = "Put a hint of a new object into the queue of each dataset below whose path it lies."
    QueryLanguage = "JSONata"
    StartAt       = "Know the paths"
    States = {
      "Know the paths" = {
        Type   = "Pass"
        Assign = { routes = local._routes }
        Next   = "Find the queues"
      }
      "Find the queues" = {
        Type   = "Pass"
        Assign = { object = "{% $states.input %}", queues = "{% ${local._found} %}" }
        Next   = "A queue is left"
      }
      "A queue is left" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $count($queues) > 0 %}", Next = "Put a hint" }]
        Default = "Done"
      }
      "Put a hint" = {
        Type           = "Task"
        Resource       = "${local._sdk}:sqs:sendMessage"
        Arguments      = { QueueUrl = "{% '${local._at_url}-' & $queues[0] %}", MessageBody = "{% $string($object) %}" }
        Assign         = { queues = local._left }
        TimeoutSeconds = 5
        Retry          = local._soon
        Catch = [{
          ErrorEquals = ["States.ALL"]
          Assign      = { wrong = "{% $states.errorOutput.Error & ': ' & $states.errorOutput.Cause %}" }
          Next        = "Give up"
        }]
        Next = "A queue is left"
      }
      # If not even this succeeds, the execution fails, and an alarm goes off (modules/guard).
      "Give up" = {
        Type     = "Task"
        Resource = "${local._sdk}:sqs:sendMessage"
        Arguments = {
          QueueUrl    = "${local._at_url}-undelivered"
          MessageBody = "{% $string({'object': $object, 'queue': '${var.site.name}-' & $queues[0], 'error': $wrong}) %}"
        }
        Assign         = { queues = local._left }
        TimeoutSeconds = 5
        Retry          = local._soon
        Next           = "A queue is left"
      }
      "Done" = { Type = "Succeed" }
    }
  }
}

resource "aws_cloudwatch_event_rule" "arrivals" {
  name        = "${var.site.name}-arrivals"
  description = "New objects of staging."
  state       = length(local._routes) > 0 ? "ENABLED" : "DISABLED"

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.buckets.staging] }
      object = {
        key  = [{ prefix = "staging/" }]
        size = [{ numeric = [">", 0] }] # a folder has no bytes
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "arrivals" {
  rule       = aws_cloudwatch_event_rule.arrivals.name
  target_id  = "route"
  arn        = aws_sfn_state_machine.route.arn
  role_arn   = aws_iam_role.arrival.arn
  input_path = "$.detail.object"

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }

  depends_on = [aws_iam_role_policy.arrival]
}

resource "aws_sfn_state_machine" "route" {
  name       = local._route
  type       = "EXPRESS"
  role_arn   = aws_iam_role.route.arn
  definition = jsonencode(local.route)

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true # an object's name, size and version, no data
    log_destination        = "${aws_cloudwatch_log_group.pipeline.arn}:*"
  }

  lifecycle {
    precondition {
      condition = local._routes_size <= local._routes_limit
      error_message = join(" ", [
        "The paths of ${length(local._arriving)} datasets on arrival and their queues have ${local._routes_size} characters; the quota",
        "`Step Functions, size of a variable` is ${local._routes_limit}, and AWS does not raise it. Shorten `source.path` or the names of",
        "datasets, schedule datasets instead (`schedule: {refine: …}`), or divide the lake.",
      ])
    }
  }

  depends_on = [aws_iam_role_policy.route]
}
