# SQL ETL: sql/athena/<name>.sql is one SELECT over raw tables. Each run writes a new folder of partitioned Parquet in
# the athena-etl bucket, is checked, and only then the view <name> is switched to it; a run that fails changes nothing.
#
#   -- What the target holds, in one line.
#   -- partition_by: year, month          (optional; the last columns of the SELECT, in this order)
#   SELECT …
#
# sql/athena/<name>.checks.sql holds queries separated by `;`, each giving one number that must be 0; {table} stands for
# the new table.

locals {
  _etl_files = [for f in fileset(var.sql_dir, "athena/*.sql") : f if !endswith(f, ".checks.sql")]

  _etl = { for f in local._etl_files : trimsuffix(basename(f), ".sql") => {
    file         = f
    select       = trimsuffix(trimspace(replace(file("${var.sql_dir}/${f}"), local._reference, "$${1}$${2}${var.staging_database}.${var.prefix}$${3}")), ";")
    partition_by = compact([for column in split(",", try(regex("(?m)^--\\s*partition_by:([^\n]*)$", file("${var.sql_dir}/${f}"))[0], "")) : trimspace(column)])
    checks = [
      for check in split(";", fileexists("${var.sql_dir}/${trimsuffix(f, ".sql")}.checks.sql") ? file("${var.sql_dir}/${trimsuffix(f, ".sql")}.checks.sql") : "") :
      trimspace(check) if can(regex("(?i)select", check))
    ]
  } }

  _etl_faults = concat(
    [for name, one in local._etl : "${var.sql_dir}/${one.file}: `${name}` is not a name (lower case letters, digits, `_`)." if !can(regex("^[a-z][a-z0-9_]{0,39}$", name))],
    [for name, one in local._etl : "${var.sql_dir}/${one.file}: there is no ${name}.checks.sql beside it, or it holds no SELECT; nothing is published unchecked." if length(one.checks) == 0],
    flatten([for name, one in local._etl : [for i, check in one.checks : "${var.sql_dir}/athena/${name}.checks.sql: check ${i + 1} does not name {table}." if !strcontains(check, "{table}")]]),
  )

  _athena = "arn:${var.site.partition}:athena:${var.site.region}:${var.site.account_id}:workgroup/${local._workgroups.etl.name}"
  _glue   = "arn:${var.site.partition}:glue:${var.site.region}:${var.site.account_id}"
  _states = "arn:${var.site.partition}:states:${var.site.region}:${var.site.account_id}"
  _patient = [{
    ErrorEquals     = ["Athena.AthenaException", "Athena.TooManyRequestsException", "Athena.InternalServerException", "Sns.SnsException"]
    IntervalSeconds = 10
    MaxAttempts     = 3
    BackoffRate     = 2
    JitterStrategy  = "FULL"
  }]
  _caught = [{ ErrorEquals = ["States.ALL"], Assign = { cause = "{% $states.errorOutput.Error & ' ' & $states.errorOutput.Cause %}" }, Next = "Tell" }]

  # A JSON string is a JSONata string.
  _ctas = { for name, one in local._etl : name => join(" & ", [
    jsonencode("CREATE TABLE ${var.etl_database}.${name}_"), "$run",
    jsonencode(" WITH (format = 'PARQUET', write_compression = 'ZSTD'${length(one.partition_by) > 0 ? ", partitioned_by = ARRAY[${join(", ", [for column in one.partition_by : "'${column}'"])}]" : ""}, external_location = 's3://${var.buckets.athena_etl}/${name}/run="),
    "$run", jsonencode("/') AS\n${one.select}"),
  ]) }

  _check_states = { for name, one in local._etl : name => merge([
    for i, check in one.checks : {
      "Check ${i + 1}" = {
        Type     = "Task"
        Resource = "arn:${var.site.partition}:states:::athena:startQueryExecution.sync"
        Arguments = {
          QueryString = "{% $replace(${jsonencode(check)}, '{table}', '${var.etl_database}.${name}_' & $run) %}"
          WorkGroup   = local._workgroups.etl.name
        }
        Assign = { query = "{% $states.result.QueryExecution.QueryExecutionId %}" }
        Retry  = local._patient
        Catch  = local._caught
        Next   = "Read check ${i + 1}"
      }
      "Read check ${i + 1}" = {
        Type      = "Task"
        Resource  = "arn:${var.site.partition}:states:::aws-sdk:athena:getQueryResults"
        Arguments = { QueryExecutionId = "{% $query %}", MaxResults = 2 }
        Assign    = { found = "{% $states.result.ResultSet.Rows[1].Data[0].VarCharValue %}", cause = "{% 'check ${i + 1} of ${name} found ' & $states.result.ResultSet.Rows[1].Data[0].VarCharValue %}" }
        Output    = {}
        Retry     = local._patient
        Catch     = local._caught
        Next      = "Check ${i + 1} holds"
      }
      "Check ${i + 1} holds" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $found = '0' %}", Next = i + 1 < length(one.checks) ? "Check ${i + 2}" : "Switch" }]
        Default = "Tell"
      }
    }
  ]...) }

  etl = { for name, one in local._etl : name => {
    Comment       = "${name}: a new folder, checks, then the view is switched."
    QueryLanguage = "JSONata"
    StartAt       = "Name the run"
    States = merge(
      {
        "Name the run" = {
          Type   = "Pass"
          Assign = { run = "{% $lowercase($replace($substring($states.context.State.EnteredTime, 0, 19), /[-:]/, '')) & '_' & $substring($uuid(), 0, 6) %}", cause = "{% '' %}", query = "{% '' %}", found = "{% '' %}" }
          Next   = "Build"
        }
        "Build" = {
          Type      = "Task"
          Resource  = "arn:${var.site.partition}:states:::athena:startQueryExecution.sync"
          Arguments = { QueryString = "{% ${local._ctas[name]} %}", WorkGroup = local._workgroups.etl.name }
          Output    = {}
          Retry     = local._patient
          Catch     = local._caught
          Next      = "Check 1"
        }
        "Switch" = {
          Type     = "Task"
          Resource = "arn:${var.site.partition}:states:::athena:startQueryExecution.sync"
          Arguments = {
            QueryString = "{% 'CREATE OR REPLACE VIEW ${var.etl_database}.${name} AS SELECT * FROM ${var.etl_database}.${name}_' & $run %}"
            WorkGroup   = local._workgroups.etl.name
          }
          Output = {}
          Retry  = local._patient
          Catch  = local._caught
          End    = true
        }
        "Tell" = {
          Type     = "Task"
          Resource = "arn:${var.site.partition}:states:::sns:publish"
          Arguments = {
            TopicArn          = var.topic_arn
            Subject           = substr("${var.site.name}: SQL ETL ${name} failed", 0, 100)
            Message           = "{% '${name} was not switched: ' & $substring($cause, 0, 2000) & '\\nWhat to do: docs/RUNBOOK.md, SQL ETL failed' %}"
            MessageAttributes = { outcome = { DataType = "String", StringValue = "failed" }, dataset = { DataType = "String", StringValue = name } }
          }
          Retry = local._patient
          Next  = "Not switched"
        }
        "Not switched" = { Type = "Fail", Error = "NotSwitched", Cause = "{% $cause %}" }
      },
      local._check_states[name],
    )
  } }
}

resource "terraform_data" "etl" {
  input = keys(local._etl)

  lifecycle {
    precondition {
      condition     = length(local._etl_faults) == 0
      error_message = join("\n", local._etl_faults)
    }
  }
}

resource "aws_glue_catalog_database" "etl" {
  name         = var.etl_database
  description  = "${var.site.name}: what the SQL ETL makes; read the views, not the tables of single runs."
  location_uri = "s3://${var.buckets.athena_etl}/"
}

resource "aws_sfn_state_machine" "etl" {
  for_each = local.etl

  name       = "${var.site.name}-etl-${each.key}"
  type       = "STANDARD"
  role_arn   = aws_iam_role.etl.arn
  definition = jsonencode(each.value)

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.etl.arn}:*"
  }

  depends_on = [aws_iam_role_policy.etl, aws_athena_workgroup.of]
}

resource "aws_cloudwatch_log_group" "etl" {
  name              = "/aws/vendedlogs/states/${var.site.name}-etl"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_scheduler_schedule" "etl" {
  for_each = local.etl

  name                         = "etl-${each.key}"
  group_name                   = var.schedule_group
  schedule_expression          = "cron(0 ${var.etl_at_hour} * * ? *)"
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.etl[each.key].arn
    role_arn = aws_iam_role.start_etl.arn
    input    = "{}"
  }

  depends_on = [aws_iam_role_policy.start_etl]
}
