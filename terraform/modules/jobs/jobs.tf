# One Glue job per dataset and step, each with its own size, history and cost. A job's arguments contain everything
# it needs, so nobody types anything to start it from the Glue console.

locals {
  _release = "s3://${var.release.bucket}/${var.release.prefix}"
  _console = "https://${var.site.region}.${module.policies.console}/s3/object"
  _reports = "${local._console}/${var.buckets.reports}?region=${var.site.region}&prefix=latest"

  # A run may not replace these: they decide which code runs, where it reads and writes, and with which keys. (Which arguments
  # people may add is decided in modules/pipeline/run_job.tf.)
  _fixed_for_all = {
    "--job-language"                    = "python"
    "--datalake-formats"                = "iceberg"
    "--additional-python-modules"       = "${local._release}/${var.release.wheelhouse}" # the library is in it
    "--python-modules-installer-option" = "--no-index"
    "--custom-logGroup-prefix"          = "/${var.site.name}/glue"
    "--project"                         = local._release
    "--source"                          = "s3://${var.buckets.staging}/staging"
    "--lake"                            = "s3://${var.buckets.warehouse}"
    "--reports"                         = "s3://${var.buckets.reports}"
    "--catalog"                         = "glue"
    "--database"                        = var.database
    "--prefix"                          = var.prefix
  }

  # How a run is watched and how it grows.
  _usual = {
    "--job-bookmark-option"          = "job-bookmark-disable"
    "--enable-metrics"               = "true"
    "--enable-observability-metrics" = "true"
    "--enable-auto-scaling"          = "true"
    "--enable-spark-ui"              = "true"
  }

  _connections = length(var.connections) > 0 ? var.connections : null # without any, jobs run outside of your network

  names = { for dataset, c in var.contracts : dataset => "${var.site.name}-${c.step}-${dataset}" }
}

locals {
  _fixed = { for dataset, c in var.contracts : dataset => merge(
    local._fixed_for_all,
    {
      "--dataset"               = dataset
      "--TempDir"               = "s3://${var.buckets.warehouse}/_temp/${dataset}/"
      "--spark-event-logs-path" = "s3://${var.buckets.reports}/spark-ui/${dataset}/"
    },
    length(c.domains) == 0 ? {} : var.masking_secret == "" ? { "--masking_keys" = "${var.site.name}/masking/" } : {
      "--masking_secret"                                                        = var.masking_secret
    },
  ) }

  _tags = { for dataset, c in var.contracts : dataset => c.tags }

  _descriptions = { for dataset, c in var.contracts : dataset => substr(
    "${c.description} Last report: ${local._reports}/${dataset}/report.html", 0, 2048 # what AWS allows
  ) }
}

resource "aws_glue_job" "step" {
  for_each = local.names # a map of texts, because Terraform walks all of for_each for every instance

  name                    = each.value
  description             = local._descriptions[each.key]
  role_arn                = local._role_ready[each.key]
  glue_version            = "5.1"
  worker_type             = var.contracts[each.key].worker
  number_of_workers       = var.contracts[each.key].workers
  execution_class         = upper(var.contracts[each.key].execution)
  timeout                 = var.contracts[each.key].timeout_min
  max_retries             = 0
  job_run_queuing_enabled = true
  security_configuration  = aws_glue_security_configuration.jobs.name
  connections             = local._connections

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = "${local._release}/glue_jobs/${var.contracts[each.key].step}.py"
  }

  execution_property {
    max_concurrent_runs = 1
  }

  default_arguments         = local._usual
  non_overridable_arguments = local._fixed[each.key]
  tags                      = local._tags[each.key]
}

# The log groups' own key encrypts the jobs' logs, so two groups serve all jobs. With an encryption mode here, Glue would
# create two groups per role instead and keep their logs forever.
resource "aws_glue_security_configuration" "jobs" {
  name = "${var.site.name}-jobs"

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "DISABLED"
    }
    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "CSE-KMS"
      kms_key_arn                   = var.kms_key_arn
    }
    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = var.kms_key_arn
    }
  }
}

resource "aws_cloudwatch_log_group" "jobs" {
  for_each = toset(["output", "error"])

  name              = "/${var.site.name}/glue/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}
