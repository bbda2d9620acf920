# One more job per dataset: maintain, under the dataset's own role. The pipeline's schedule starts it weekly, and people
# start it with `--task rollback | hold | resume | acknowledge` through the machine run-job (docs/UPKEEP.md).

locals {
  maintain = { for dataset in keys(var.contracts) : dataset => "${var.site.name}-maintain-${dataset}" }
}

resource "aws_glue_job" "maintain" {
  for_each = local.maintain

  name                    = each.value
  description             = "Compact ${each.key}, expire its former publications; or roll it back, hold it, let it go on (--task)."
  role_arn                = local._role_ready[each.key]
  glue_version            = "5.1"
  worker_type             = "G.1X"
  number_of_workers       = 2
  execution_class         = "FLEX" # nobody waits for it
  timeout                 = 720    # minutes: a flexible run may wait hours for spare capacity, and only its work is billed
  max_retries             = 0
  job_run_queuing_enabled = true
  security_configuration  = aws_glue_security_configuration.jobs.name
  connections             = local._connections

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = "${local._release}/glue_jobs/maintain.py"
  }

  execution_property {
    max_concurrent_runs = 1
  }

  default_arguments         = local._usual
  non_overridable_arguments = local._fixed[each.key]
  tags                      = local._tags[each.key]
}
