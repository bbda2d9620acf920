# One standard state machine per dataset: refine → marts in order, each if all that it reads is
# published → notice. States pass on only names and a run's id, never a list of objects.

locals {
  _sdk     = "arn:${var.site.partition}:states:::aws-sdk"
  _s3      = "https://${var.site.region}.${module.policies.console}/s3/object"
  _console = "${local._s3}/${var.buckets.reports}?region=${var.site.region}&prefix=counts/"

  # Glue refused to start the job; no run has begun.
  _start_again = [merge(local._again, {
    ErrorEquals = [
      "Glue.ConcurrentRunsExceededException", "Glue.InternalServiceException", "Glue.OperationTimeoutException",
      "Glue.ResourceNumberLimitExceededException", "Glue.ThrottlingException",
    ]
    IntervalSeconds = 30
    MaxAttempts     = 5
  })]

  # The steps of each pipeline: its own job first, then the marts that read it.
  _steps = { for dataset, c in local._pipelines : dataset => concat(
    [{ name = dataset, title = c.is_mart ? "Build" : "Refine", kind = c.is_mart ? "build_mart" : "refine", first = true }],
    [for mart in lookup(var.after, dataset, []) : { name = mart, title = "Build ${mart}", kind = "build_mart", first = false }],
  ) }

  # The state in which a step begins: a mart first looks at what it reads.
  _begins = { for dataset, steps in local._steps : dataset => [
    for step in steps : step.kind == "build_mart" ? "Before: ${step.title}" : "Prepare ${step.title}"
  ] }

  # Where a step leads: after success to the next step; after a failure of the dataset itself to the end, because marts
  # would read what they have already read; after a failure of a mart to the next mart.
  _flow = { for dataset, steps in local._steps : dataset => [
    for i, step in steps : merge(step, {
      next = concat(local._begins[dataset], ["All went well"])[i + 1]
      fail = i == 0 ? "All went well" : concat(local._begins[dataset], ["All went well"])[i + 1]
    })
  ] }

  definitions = { for dataset in keys(local._pipelines) : dataset => {
    Comment       = "${dataset}: refine, build the marts that read it, tell."
    QueryLanguage = "JSONata"
    StartAt       = "Begin"
    States = merge(
      local._begin_states[dataset],
      local._arrival_states[dataset],
      local._look_states[dataset],
      local._step_states[dataset],
      local._end_states[dataset],
    )
  } }
}

# A map of texts, because every instance of a resource walks the whole of a local that it reads from.
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
