# SQL ETL: sql/athena/<name>.sql is one SELECT over raw tables. Each run writes partitioned Parquet into a new folder of the
# athena-etl bucket. Only after the checks pass does the view <name> switch to it; a run that fails changes nothing.
#
#   -- What the target holds, in one line.
#   -- partition_by: year, month          (optional; the last columns of the SELECT, in this order)
#   SELECT …
#
# Raw files are not masked, and analysts read what the ETL writes. So a query over a dataset with classified columns must name
# the columns that it reads, and none of those.
#
# sql/athena/<name>.checks.sql contains queries separated by `;`. Each returns one number, which must be 0; {table} is the new
# table.

locals {
  _etl_files = [for f in fileset(var.sql_dir, "athena/*.sql") : f if !endswith(f, ".checks.sql")]

  _etl_sql = { for f in local._etl_files : trimsuffix(basename(f), ".sql") => file("${var.sql_dir}/${f}") }
  _checks_sql = { for name in keys(local._etl_sql) : name => join("", [
    for f in ["${var.sql_dir}/athena/${name}.checks.sql"] : file(f) if fileexists(f)
  ]) }

  _etl = { for name, sql in local._etl_sql : name => {
    file         = "${var.sql_dir}/athena/${name}.sql"
    select       = trimsuffix(trimspace(replace(sql, local._reference, "$${1}$${2}${var.staging_database}.${var.prefix}$${3}")), ";")
    partition_by = compact([for column in split(",", try(regex(local._partition_line, sql)[0], "")) : trimspace(column)])
    checks       = [for check in split(";", local._checks_sql[name]) : trimspace(check) if can(regex("(?i)select", check))]
  } }

  # The SQL of a query and its checks, without comments and constants.
  _etl_plain = { for name, sql in local._etl_sql : name => lower(
    replace(replace(replace("${sql}\n${local._checks_sql[name]}", "/--[^\n]*/", " "), "/(?s)/\\*.*?\\*//", " "), "/'[^']*'/", "''")
  ) }
  _all_columns = "(?:\\bselect|,|\\.)\\s*(?:all\\s+|distinct\\s+)?\\*"

  # Of each query and each dataset with classified columns that it names, what would show one.
  _etl_shows = flatten([for name, sql in local._etl_plain : [
    for dataset, words in var.classified : {
      file    = "${var.sql_dir}/athena/${name}.sql"
      dataset = dataset
      words = distinct(concat(
        can(regex(local._all_columns, sql)) ? ["*"] : [],
        can(regex("\\btable\\s+[a-z0-9_.]*\\b(?:${var.prefix})?${dataset}\\b", sql)) ? ["TABLE ${dataset}"] : [],
        flatten(regexall("\\b(${join("|", concat(words, ["-"]))})\\b", sql)),
      ))
    } if can(regex("\\b(?:${lower(var.prefix)})?${dataset}\\b", sql))
  ]])

  # Lambda functions as functions of SQL, queries that a connector passes on, and Java (of Spark, unknown to Athena).
  _outside = "\\b(?:external\\s+function|system\\s*\\.\\s*query|java_method|try_reflect|reflect)\\b"

  _partition_line = "(?m)^--\\s*partition_by:([^\n]*)$"

  _etl_faults = concat(
    [
      for name, query in local._etl :
      "${query.file}: `${name}` is not a name (lower case letters, digits, `_`)." if !can(regex("^[a-z][a-z0-9_]{0,39}$", name))
    ],
    [
      for name, query in local._etl :
      "${query.file}: there is no ${name}.checks.sql beside it, or it contains no SELECT; nothing is published unchecked."
      if length(query.checks) == 0
    ],
    flatten([for name, query in local._etl : [
      for i, check in query.checks :
      "${var.sql_dir}/athena/${name}.checks.sql: check ${i + 1} does not name {table}." if !strcontains(check, "{table}")
    ]]),
    [
      for name, sql in local._etl_plain : join(" ", [
        "${var.sql_dir}/athena/${name}.sql or its checks: `${regex(local._outside, sql)}` leaves SQL for code or data that no contract",
        "describes. Compute the value by Athena's own functions.",
      ]) if can(regex(local._outside, sql))
    ],
    [
      for shown in local._etl_shows : join(" ", [
        "${shown.file}: reads raw files of `${shown.dataset}`, which are not masked, and has",
        "${join(", ", formatlist("`%s`", shown.words))}.",
        "Name the columns that you read, none of them classified in the contract, or query the published table instead.",
      ]) if length(shown.words) > 0
    ],
  )

  _athena  = "arn:${var.site.partition}:athena:${var.site.region}:${var.site.account_id}:workgroup/${local._workgroups.etl.name}"
  _glue    = "arn:${var.site.partition}:glue:${var.site.region}:${var.site.account_id}"
  _machine = "arn:${var.site.partition}:states:${var.site.region}:${var.site.account_id}:stateMachine:${var.site.name}"
  _s3      = { for role, bucket in var.buckets : role => "arn:${var.site.partition}:s3:::${bucket}" }

  _undelivered = "arn:${var.site.partition}:sqs:${var.site.region}:${var.site.account_id}:${var.undelivered_queue}"

  # Every query of the ETL runs as a task in its workgroup.
  _query = "arn:${var.site.partition}:states:::athena:startQueryExecution.sync"
  _patient = [{
    ErrorEquals     = ["Athena.AthenaException", "Athena.TooManyRequestsException", "Athena.InternalServerException", "Sns.SnsException"]
    IntervalSeconds = 10
    MaxAttempts     = 3
    BackoffRate     = 2
    JitterStrategy  = "FULL"
  }]
  _caught = [{
    ErrorEquals = ["States.ALL"]
    Assign      = { cause = "{% 'a query failed, ' & $states.errorOutput.Error %}" } # Athena's own text may quote a row
    Next        = "Tell"
  }]

  # jsonencode() writes JSONata strings too: a JSON string is one.
  _ctas = { for name, query in local._etl : name => join(" & ", [
    jsonencode("CREATE TABLE ${var.etl_database}.${name}_"),
    "$run",
    jsonencode(" WITH (${join(", ", concat(
      ["format = 'PARQUET'", "write_compression = 'ZSTD'"],
      length(query.partition_by) > 0 ? ["partitioned_by = ARRAY[${join(", ", formatlist("'%s'", query.partition_by))}]"] : [],
      ["external_location = 's3://${var.buckets.athena_etl}/${name}/run="],
    ))}"),
    "$run",
    jsonencode("/') AS\n${query.select}"),
  ]) }

  # A check counts; a check that returns anything else would put it into a mail.
  _number = "$contains($string(${local._found}), /^-?[0-9]+$/) ? ${local._found} : 'no number'"
  _found  = "$states.result.ResultSet.Rows[1].Data[0].VarCharValue"

  _check_states = { for name, query in local._etl : name => merge([
    for i, check in query.checks : {
      "Check ${i + 1}" = {
        Type     = "Task"
        Resource = local._query
        Arguments = {
          QueryString = "{% $replace(${jsonencode(check)}, '{table}', '${var.etl_database}.${name}_' & $run) %}"
          WorkGroup   = local._workgroups.etl.name
        }
        Assign = { query = "{% $states.result.QueryExecution.QueryExecutionId %}" }
        Output = {}
        Retry  = local._patient
        Catch  = local._caught
        Next   = "Read check ${i + 1}"
      }
      "Read check ${i + 1}" = {
        Type      = "Task"
        Resource  = "arn:${var.site.partition}:states:::aws-sdk:athena:getQueryResults"
        Arguments = { QueryExecutionId = "{% $query %}", MaxResults = 2 }
        Assign    = { found = "{% ${local._found} %}", cause = "{% 'check ${i + 1} found ' & (${local._number}) %}" }
        Output    = {}
        Retry     = local._patient
        Catch     = local._caught
        Next      = "Check ${i + 1} holds"
      }
      "Check ${i + 1} holds" = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $found = '0' %}", Next = i + 1 < length(query.checks) ? "Check ${i + 2}" : "Switch" }]
        Default = "Tell"
      }
    }
  ]...) }

  etl = { for name in keys(local._etl) : name => {
    Comment       = "${name}: a new folder, checks, then the view is switched."
    QueryLanguage = "JSONata"
    StartAt       = "Name the run"
    States = merge(
      {
        "Name the run" = {
          Type = "Pass"
          Assign = {
            run = join(" & '_' & ", [
              "{% $lowercase($replace($substring($states.context.State.EnteredTime, 0, 19), /[-:]/, ''))",
              "$substring($uuid(), 0, 6) %}",
            ])
            cause = "{% '' %}"
            query = "{% '' %}"
            found = "{% '' %}"
          }
          Next = "Build"
        }
        "Build" = {
          Type      = "Task"
          Resource  = local._query
          Arguments = { QueryString = "{% ${local._ctas[name]} %}", WorkGroup = local._workgroups.etl.name }
          Output    = {}
          Retry     = local._patient
          Catch     = local._caught
          Next      = "Check 1"
        }
        "Switch" = {
          Type     = "Task"
          Resource = local._query
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
            TopicArn = var.topic_arn
            Subject  = substr("${var.site.name}: SQL ETL ${name} failed", 0, 100)
            Message = join(" & ", [
              "{% '${name} was not switched: '",
              "$substring($cause, 0, 2000)",
              "'\\nWhat to do: docs/RUNBOOK.md, SQL ETL failed' %}",
            ])
            MessageAttributes = {
              for key, text in { outcome = "failed", dataset = name } : key => { DataType = "String", StringValue = text }
            }
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

    dead_letter_config {
      arn = local._undelivered
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }
  }

  depends_on = [aws_iam_role_policy.start_etl]
}
