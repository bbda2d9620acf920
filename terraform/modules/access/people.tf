# Three roles for people. Analysts read published tables and their reports; engineers also see raw and refused rows and run
# jobs; operators run and stop jobs and pipelines and read logs, but no data.

module "policies" {
  source = "../policies"

  site   = var.site
  people = { for role in concat(keys(local._people), ["verify"]) : role => lookup(var.trusted_principals, role, null) }
  github = { repository = var.github_repository, environment = var.github_environment }

  redshift = var.redshift
}

locals {
  _role = "${var.site.roles.prefix}${var.site.name}" # how the names of roles begin
  _arn  = "arn:${var.site.partition}"
  _here = "${var.site.region}:${var.site.account_id}"
  _name = var.site.name
  _s3   = { for role, bucket in var.buckets : role => "${local._arn}:s3:::${bucket}" }
  _glue = "${local._arn}:glue:${local._here}"
  _iam  = "${local._arn}:iam::${var.site.account_id}"

  _may = {
    # Each in a workgroup of their own, and with a place for results that no other role reads; see _query below.
    query = [
      {
        # What the console and the JDBC and ODBC drivers show; beneath it the catalog below decides which tables.
        Sid    = "BrowseCatalog"
        Effect = "Allow"
        Action = [
          "athena:GetDataCatalog", "athena:GetDatabase", "athena:GetTableMetadata", "athena:ListDatabases", "athena:ListTableMetadata",
        ]
        Resource = ["${local._arn}:athena:${local._here}:datacatalog/AwsDataCatalog"]
      },
      # AWS has no resource level for these lists: see star_resources.yaml.
      {
        Sid      = "FindCatalogs"
        Effect   = "Allow"
        Action   = ["athena:ListDataCatalogs", "athena:ListEngineVersions", "athena:ListWorkGroups"]
        Resource = ["*"]
      },
      {
        Sid      = "LocateResults"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation"]
        Resource = [local._s3.athena_results]
      },
      {
        Sid      = "ListNames"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = [for role in ["warehouse", "athena_etl", "reports"] : local._s3[role]]
      },
      {
        Sid    = "ReadCatalog"
        Effect = "Allow"
        Action = [
          "glue:BatchGetPartition", "glue:GetDatabase", "glue:GetDatabases", "glue:GetPartition", "glue:GetPartitions",
          "glue:GetTable", "glue:GetTables", "glue:GetTableVersions",
        ]
        Resource = concat(["${local._glue}:catalog"], flatten([
          for database in [var.databases.warehouse, var.databases.etl] :
          ["${local._glue}:database/${database}", "${local._glue}:table/${database}/*"]
        ]))
      },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arns.lake] },
    ]
    raw = [
      {
        # Why a query of the SQL ETL failed; its results stay out of reach.
        Sid      = "WatchEtl"
        Effect   = "Allow"
        Action   = ["athena:BatchGetQueryExecution", "athena:GetQueryExecution", "athena:ListQueryExecutions"]
        Resource = ["${local._arn}:athena:${local._here}:workgroup/${var.workgroup}-etl"]
      },
      {
        Sid    = "ReadRawAndRefused"
        Effect = "Allow"
        Action = ["s3:GetObject"]
        Resource = [
          "${local._s3.staging}/staging/*", "${local._s3.staging}/incoming/*", "${local._s3.warehouse}/quarantine/*",
          "${local._s3.warehouse}/ledger/*", "${local._s3.reports}/runs/*", "${local._s3.reports}/spark-ui/*",
        ]
      },
      {
        Sid      = "PutRawFiles"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = ["${local._s3.staging}/staging/*", "${local._s3.staging}/incoming/*"]
      },
      { Sid = "ListRaw", Effect = "Allow", Action = ["s3:GetBucketLocation", "s3:ListBucket"], Resource = [local._s3.staging] },
      {
        Sid    = "ReadRawCatalog"
        Effect = "Allow"
        Action = [
          "glue:BatchGetPartition", "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable",
          "glue:GetTables",
        ]
        Resource = [
          "${local._glue}:catalog", "${local._glue}:database/${var.databases.staging}",
          "${local._glue}:table/${var.databases.staging}/*",
        ]
      },
    ]
    run = [
      {
        # Not StartJobRun: see modules/pipeline/run_job.tf.
        Sid      = "WatchJobs"
        Effect   = "Allow"
        Action   = ["glue:BatchStopJobRun", "glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns"]
        Resource = ["${local._glue}:job/${local._name}-*"]
      },
      {
        Sid    = "RunPipelines"
        Effect = "Allow"
        Action = [
          "states:DescribeExecution", "states:DescribeStateMachine", "states:GetExecutionHistory", "states:ListExecutions",
          "states:RedriveExecution", "states:StartExecution", "states:StopExecution",
        ]
        Resource = [
          "${local._arn}:states:${local._here}:stateMachine:${local._name}-*",
          "${local._arn}:states:${local._here}:execution:${local._name}-*:*",
        ]
      },
      {
        Sid    = "ReadLogs"
        Effect = "Allow"
        Action = ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"]
        Resource = [
          "${local._arn}:logs:${local._here}:log-group:/${local._name}/*",
          "${local._arn}:logs:${local._here}:log-group:/aws/vendedlogs/states/${local._name}-*",
        ]
      },
      # Lists and graphs of the console, for which AWS has no resource: see star_resources.yaml.
      {
        Sid    = "FindThings"
        Effect = "Allow"
        Action = [
          "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "glue:ListJobs",
          "logs:DescribeLogGroups", "logs:GetQueryResults", "states:ListStateMachines",
        ]
        Resource = ["*"]
      },
    ]
    operate = [
      {
        Sid    = "LookIntoQueues"
        Effect = "Allow"
        Action = [
          "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:PurgeQueue",
          "sqs:ReceiveMessage", "sqs:SendMessage", "sqs:StartMessageMoveTask",
        ]
        Resource = ["${local._arn}:sqs:${local._here}:${local._name}-*"]
      },
      {
        Sid      = "HoldSchedules"
        Effect   = "Allow"
        Action   = ["scheduler:GetSchedule", "scheduler:UpdateSchedule"]
        Resource = ["${local._arn}:scheduler:${local._here}:schedule/${local._name}/*"]
      },
      {
        Sid       = "PassTick"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = ["${local._iam}:role${var.site.roles.path}${local._role}-tick"]
        Condition = { StringEquals = { "iam:PassedToService" = "scheduler.amazonaws.com" } }
      },
      {
        Sid      = "RunCrawlers"
        Effect   = "Allow"
        Action   = ["glue:GetCrawler", "glue:StartCrawler", "glue:StopCrawler"]
        Resource = ["${local._glue}:crawler/${local._name}-*"]
      },
      {
        Sid      = "ReadReports"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local._s3.reports}/counts/*", "${local._s3.reports}/latest/*"]
      },
      { Sid = "ListReports", Effect = "Allow", Action = ["s3:GetBucketLocation", "s3:ListBucket"], Resource = [local._s3.reports] },
      { Sid = "DecryptReports", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arns.lake] },
    ]
  }

  # `$${aws:userid}` is the id of the role and the name of the session: AWS fills it in for each call.
  _results = { analyst = "analysts/$${aws:userid}", engineer = "engineers" }
  _tables  = ["${local._s3.warehouse}/data-warehouse/*"]
  _groups  = { analyst = var.workgroup, engineer = "${var.workgroup}-engineers" }

  _query = { for person, folder in local._results : person => concat(
    [
      {
        Sid    = "Query"
        Effect = "Allow"
        Action = [
          "athena:BatchGetNamedQuery", "athena:BatchGetQueryExecution", "athena:GetNamedQuery", "athena:GetQueryExecution",
          "athena:GetQueryResults", "athena:GetQueryResultsStream", "athena:GetQueryRuntimeStatistics", "athena:GetWorkGroup",
          "athena:ListNamedQueries", "athena:ListQueryExecutions", "athena:StartQueryExecution", "athena:StopQueryExecution",
        ]
        Resource = ["${local._arn}:athena:${local._here}:workgroup/${local._groups[person]}"]
      },
      {
        Sid      = "KeepResults"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = ["${local._s3.athena_results}/${folder}/*"]
      },
      {
        Sid       = "ListResults"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local._s3.athena_results]
        Condition = { StringLike = { "s3:prefix" = ["${folder}/*"] } }
      },
    ],
    [{
      Sid    = "ReadPublished"
      Effect = "Allow"
      Action = ["s3:GetObject"]
      Resource = concat(var.options.lake_formation && person == "analyst" ? [] : local._tables, [
        "${local._s3.athena_etl}/*", "${local._s3.reports}/counts/*", "${local._s3.reports}/latest/*",
      ])
    }],
    # With Lake Formation an analyst's query reads files with keys that Lake Formation hands out for its tables alone.
    [for sid in var.options.lake_formation && person == "analyst" ? ["ReadGranted"] : [] : {
      Sid      = sid
      Effect   = "Allow"
      Action   = ["lakeformation:GetDataAccess"]
      Resource = ["*"]
    }],
    local._may.query,
    module.policies.redshift,
  ) }

  _people = {
    engineer = {
      text       = "sees raw and refused rows, runs jobs and pipelines, queries"
      statements = concat(local._query.engineer, local._may.raw, local._may.run)
    }
    operator = {
      text       = "runs and stops what the alarms ask for; reads logs and reports, no data"
      statements = concat(local._may.run, local._may.operate)
    }
    analyst = { text = "reads what is published, and its reports", statements = local._query.analyst }
  }
}

resource "aws_iam_role" "person" {
  for_each = local._people

  name                 = "${local._role}-${each.key}"
  description          = "${each.key} of ${local._name}: ${each.value.text}."
  max_session_duration = 8 * 3600
  assume_role_policy   = module.policies.trust_of_people[each.key]
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "person" {
  for_each = local._people

  name   = each.key
  role   = aws_iam_role.person[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value.statements })
}
