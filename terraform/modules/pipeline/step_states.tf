# The states of one step: its job, another try where that makes sense, the report, and the notice of a failure.

locals {
  _notices = {
    closed = "'closed its gate: nothing was published, readers see the previous data.'"
    failed = "'failed: nothing was published.'"
  }

  # One more run in the metric that the alarms watch, by step and outcome; of `maintain` only failures count.
  _counted = { for step, outcome in { refine = "{% $outcome %}", build_mart = "{% $outcome %}", maintain = "failed" } : step => {
    Namespace = "Headgate"
    MetricData = [{
      MetricName = "Runs"
      Dimensions = [
        { Name = "Lake", Value = var.site.name },
        { Name = "Step", Value = step },
        { Name = "Outcome", Value = outcome },
      ]
      Value = 1
    }]
  } }

  _step_states = { for dataset, flow in local._flow : dataset => merge([
    for step in flow : {
      "Prepare ${step.title}" = {
        Type   = "Pass"
        Assign = { attempt = 0 }
        Next   = "Name the run: ${step.title}"
      }
      "Name the run: ${step.title}" = {
        Type = "Pass"
        Assign = {
          run = "{% $replace($substring($states.context.State.EnteredTime, 0, 19), /[-:]/, '') & 'Z-' & $substring($uuid(), 0, 6) %}"
        }
        Next = step.title
      }
      (step.title) = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::glue:startJobRun.sync"
        Arguments = {
          JobName = var.jobs[step.name]
          Arguments = {
            "--run_id" = "{% $run %}"
            "--full"   = step.first ? "{% $states.context.Execution.Input.full = true ? 'true' : 'false' %}" : "false"
          }
        }
        Assign = { outcome = "published", cause = "{% '' %}" }
        Retry  = local._start_again
        Catch = [{
          ErrorEquals = ["States.ALL"]
          Assign      = { outcome = "failed", cause = "{% $states.errorOutput.Error & ' ' & $states.errorOutput.Cause %}" }
          Next        = "Why: ${step.title}"
        }]
        Next = "Keep the report: ${step.title}"
      }
      # A closed gate is a result, not a fault: the same data would be refused again. Nor would another run help if the job
      # itself named the error. Every other failure is the infrastructure's, and the job is retried once, as a new run.
      "Why: ${step.title}" = {
        Type = "Choice"
        Choices = [
          {
            Condition = "{% $contains($cause, 'GateClosed:') %}"
            Assign    = { outcome = "closed" }
            Next      = "Keep the report: ${step.title}"
          },
          {
            Condition = "{% $contains($cause, /(RunFailed|UnusableContract|UnusableArgument):/) %}"
            Next      = "Keep the report: ${step.title}"
          },
          {
            Condition = "{% $attempt < 1 %}"
            Assign    = { attempt = "{% $attempt + 1 %}" }
            Next      = "Let it pass: ${step.title}"
          },
        ]
        Default = "Keep the report: ${step.title}"
      }
      "Let it pass: ${step.title}" = {
        Type    = "Wait"
        Seconds = 60
        Next    = "Name the run: ${step.title}"
      }
      # Copies the page with counts only to latest/<dataset>/report.html, which the job's description links. A run that failed
      # early has none.
      "Keep the report: ${step.title}" = {
        Type     = "Task"
        Resource = "${local._sdk}:s3:copyObject"
        Arguments = {
          Bucket     = var.buckets.reports
          CopySource = "{% '${var.buckets.reports}/counts/' & $run & '/report.html' %}"
          Key        = "latest/${step.name}/report.html"
        }
        Retry = local._patient
        Catch = [{ ErrorEquals = ["States.ALL"], Next = "How it went: ${step.title}" }]
        Next  = "How it went: ${step.title}"
      }
      "How it went: ${step.title}" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $outcome = 'published' %}", Next = step.next }]
        Default = "Count: ${step.title}"
      }
      "Count: ${step.title}" = {
        Type      = "Task"
        Resource  = "${local._sdk}:cloudwatch:putMetricData"
        Arguments = local._counted[step.kind]
        Assign    = { wrong = "{% $wrong = '' ? '${step.name} ' & $outcome : $wrong & ', ${step.name} ' & $outcome %}" }
        Retry     = local._patient
        Next      = "Tell: ${step.title}"
      }
      # Counts and links only: a job's error may quote a row, and mail leaves the account.
      "Tell: ${step.title}" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::sns:publish"
        Arguments = {
          TopicArn = local._topic
          Subject  = "{% $substring('${var.site.name}: ${step.name} ' & ($outcome = 'closed' ? 'closed its gate' : 'failed'), 0, 100) %}"
          Message = join(" & ", [
            "{% '${step.name} '",
            "($outcome = 'closed' ? ${local._notices.closed} : ${local._notices.failed})",
            "'\\nReport: ${local._console}' & $run",
            "'/report.html\\nWhat to do: docs/RUNBOOK.md, ' & ($outcome = 'closed' ? 'gate closed' : 'job failed') %}",
          ])
          MessageAttributes = {
            for name, text in { outcome = "{% $outcome %}", dataset = step.name } : name => { DataType = "String", StringValue = text }
          }
        }
        Retry = local._patient
        Next  = step.fail
      }
    }
  ]...) }
}
