# How people start one job by hand. Nobody who looks after a lake may call glue:StartJobRun, because whoever starts a run may pass it any
# argument, Glue's own for further code included, and the code runs with the job's role. This machine passes on only the
# arguments below, which decide what a job does and neither its code nor where it reads and writes.

locals {
  # Of shared/headgate/runtime.py; tests/terraform/test_parity.py compares them.
  _by_hand = ["--backfill", "--dry_run", "--full", "--keep_days", "--path", "--task", "--to"]

  _is_a_job = "$contains($string($states.input.job), /^${var.site.name}-(refine|build_mart|maintain)-[a-z][a-z0-9_]*$/)"
  _others   = "$keys($states.input.arguments)[$not($ in [${join(", ", [for name in local._by_hand : "'${name}'"])}])]"

  run_job = {
    Comment       = "Start one job of the lake, with arguments that decide what it does."
    QueryLanguage = "JSONata"
    StartAt       = "May it start"
    States = {
      "May it start" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% ${local._is_a_job} and $count(${local._others}) = 0 %}", Next = "Run" }]
        Default = "Refused"
      }
      "Run" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::glue:startJobRun.sync"
        Arguments = {
          JobName   = "{% $states.input.job %}"
          Arguments = "{% $merge([{}, $states.input.arguments]) %}"
        }
        Output = {}
        Retry  = local._start_again
        End    = true
      }
      "Refused" = {
        Type  = "Fail"
        Error = "ArgumentRefused"
        Cause = join(" ", [
          "The input must name a job of this lake and may only have these arguments: ${join(", ", local._by_hand)}.",
          "Example: {\"job\": \"${var.site.name}-maintain-orders\", \"arguments\": {\"--task\": \"rollback\"}}",
        ])
      }
    }
  }
}

resource "aws_sfn_state_machine" "run_job" {
  name       = "${var.site.name}-run-job" # no dataset's name has a hyphen
  type       = "STANDARD"
  role_arn   = aws_iam_role.pipeline.arn
  definition = jsonencode(local.run_job)

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.pipeline.arn}:*"
  }

  depends_on = [aws_iam_role_policy.pipeline]
}
