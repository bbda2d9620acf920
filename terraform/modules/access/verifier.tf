# The role of `make verify` (docs/VERIFY.md), made only where `verify` is true: it runs, reads and removes what belongs to
# the probes' own datasets, and nothing else. Their names are reserved by Headgate; your contracts cannot use them.

locals {
  _probe      = "verify_probe"
  _refined    = [local._probe, "${local._probe}_parquet", "${local._probe}_documents"]
  _probes     = concat(local._refined, ["${local._probe}_mart"])
  _role_arn   = "${local._iam}:role${var.site.roles.path}${local._role}"
  _probe_jobs = concat([for dataset in local._refined : "refine-${dataset}"], ["build_mart-${local._probe}_mart"])

  _verify = [
    {
      Sid      = "RunJobs"
      Effect   = "Allow"
      Action   = ["glue:GetJobRun", "glue:StartJobRun"]
      Resource = [for dataset in slice(local._refined, 0, 2) : "${local._glue}:job/${local._name}-refine-${dataset}"]
    },
    {
      Sid      = "WatchAndStopJobs"
      Effect   = "Allow"
      Action   = ["glue:BatchStopJobRun", "glue:GetJob", "glue:GetJobRuns"]
      Resource = [for job in local._probe_jobs : "${local._glue}:job/${local._name}-${job}"]
    },
    {
      Sid    = "WatchPipelines"
      Effect = "Allow"
      Action = ["states:DescribeExecution", "states:ListExecutions", "states:StopExecution"]
      Resource = flatten([for dataset in local._refined : [
        "${local._arn}:states:${local._here}:stateMachine:${local._name}-${dataset}",
        "${local._arn}:states:${local._here}:execution:${local._name}-${dataset}:*",
      ]])
    },
    {
      Sid    = "TakeHints"
      Effect = "Allow"
      Action = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
      Resource = concat(
        [for dataset in local._refined : "${local._arn}:sqs:${local._here}:${local._name}-arrivals-${dataset}"],
        ["${local._arn}:sqs:${local._here}:${local._name}-landed"],
      )
    },
    {
      Sid    = "Ask"
      Effect = "Allow"
      Action = [
        "athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup", "athena:StartQueryExecution",
        "athena:StopQueryExecution",
      ]
      Resource = ["${local._arn}:athena:${local._here}:workgroup/${var.workgroup}-engineers"]
    },
    {
      Sid    = "ReadAndDropTables"
      Effect = "Allow"
      Action = ["glue:DeleteTable", "glue:GetDatabase", "glue:GetTable"]
      Resource = concat(
        ["${local._glue}:catalog", "${local._glue}:database/${var.databases.warehouse}"],
        [for dataset in local._probes : "${local._glue}:table/${var.databases.warehouse}/${var.prefix}${dataset}"],
        ["${local._glue}:database/${var.databases.staging}"],
        [for end in ["parquet", "documents"] : "${local._glue}:table/${var.databases.staging}/${var.prefix}${local._probe}_${end}"],
      )
    },
    {
      Sid    = "ReadView"
      Effect = "Allow"
      Action = ["glue:GetTable"]
      Resource = [
        "${local._glue}:catalog", "${local._glue}:database/${var.databases.staging}",
        "${local._glue}:table/${var.databases.staging}/${var.prefix}${local._probe}_documents_typed",
      ]
    },
    {
      Sid      = "Crawl"
      Effect   = "Allow"
      Action   = ["glue:GetCrawler", "glue:StartCrawler", "glue:StopCrawler"]
      Resource = ["${local._glue}:crawler/${local._name}-staging-weekly"]
    },
    {
      Sid      = "WatchCrawls"
      Effect   = "Allow"
      Action   = ["glue:GetCrawler"]
      Resource = ["${local._glue}:crawler/${local._name}-events"]
    },
    {
      # Terraform's table, which is emptied and not dropped.
      Sid    = "EmptyTable"
      Effect = "Allow"
      Action = ["glue:UpdateTable"]
      Resource = [
        "${local._glue}:catalog", "${local._glue}:database/${var.databases.warehouse}",
        "${local._glue}:table/${var.databases.warehouse}/${var.prefix}${local._probe}_parquet",
      ]
    },
    {
      Sid      = "ListNames"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
      Resource = [for role in ["staging", "warehouse", "reports", "athena_results", "artifacts"] : local._s3[role]]
    },
    {
      # The path of a run's record does not name the dataset, so the role may remove anything below runs/ and counts/. The probes
      # remove only runs whose record names their datasets and no other.
      Sid    = "PutReadAndRemoveOwn"
      Effect = "Allow"
      Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = concat(
        [for dataset in local._refined : "${local._s3.staging}/staging/${dataset}/verify-*"],
        ["${local._s3.staging}/incoming/${local._probe}_documents/verify-*", "${local._s3.athena_results}/engineers/*"],
        [for part in ["runs", "counts"] : "${local._s3.reports}/${part}/*"],
        flatten([for dataset in local._probes : concat(
          [for part in ["data-warehouse", "ledger", "quarantine", "_temp"] : "${local._s3.warehouse}/${part}/${dataset}/*"],
          [for part in ["latest", "spark-ui"] : "${local._s3.reports}/${part}/${dataset}/*"],
        )]),
        ["${local._s3.warehouse}/states/${local._probe}_parquet/*"],
      )
    },
    { Sid = "ReadRelease", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local._s3.artifacts}/releases/*"] },
    {
      Sid      = "UseKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource = [var.kms_key_arns.lake]
    },
    { Sid = "ReadReleaseKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arns.artifacts] },
    {
      # Glue's default groups too: a probe checks that no run logs there.
      Sid      = "FindStreams"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogStreams"]
      Resource = [for group in ["/${local._name}/*", "/aws-glue/*"] : "${local._arn}:logs:${local._here}:log-group:${group}"]
    },
    {
      Sid      = "ReadLogs"
      Effect   = "Allow"
      Action   = ["logs:FilterLogEvents"]
      Resource = ["${local._arn}:logs:${local._here}:log-group:/${local._name}/*"]
    },
    {
      # Of the sessions in which a probe takes the role of analysts. The `?` is the colon of a user id.
      Sid      = "RemoveResults"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject"]
      Resource = ["${local._s3.athena_results}/analysts/*?headgate-verify-*"]
    },
    {
      Sid      = "InspectRoles"
      Effect   = "Allow"
      Action   = ["iam:GetRole"]
      Resource = [for role in ["job-${local._probe}", "analyst"] : "${local._role_arn}-${role}"]
    },
    { Sid = "BeAnalyst", Effect = "Allow", Action = [module.policies.take_role], Resource = ["${local._role_arn}-analyst"] },
    {
      Sid      = "SetOffAnAlarm"
      Effect   = "Allow"
      Action   = ["cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms", "cloudwatch:SetAlarmState"]
      Resource = ["${local._arn}:cloudwatch:${local._here}:alarm:${local._name}-refine-gate-closed"]
    },
    {
      Sid      = "SeeWhoIsTold"
      Effect   = "Allow"
      Action   = ["sns:ListSubscriptionsByTopic"]
      Resource = ["${local._arn}:sns:${local._here}:${local._name}-alerts"]
    },
    {
      # What IAM would allow these roles.
      Sid    = "Simulate"
      Effect = "Allow"
      Action = ["iam:SimulatePrincipalPolicy"]
      Resource = [
        for role in concat([for dataset in local._probes : "job-${dataset}"], ["analyst", "engineer", "operator", "crawler", "verify"]) :
        "${local._role_arn}-${role}"
      ]
    },
    # AWS has no resource level for these actions: see star_resources.yaml.
    { Sid = "FindGroups", Effect = "Allow", Action = ["logs:DescribeLogGroups"], Resource = ["*"] },
    { Sid = "LookBack", Effect = "Allow", Action = ["cloudwatch:GetMetricData"], Resource = ["*"] },
  ]
  _verify_policy = jsonencode({ Version = "2012-10-17", Statement = local._verify })
}

resource "aws_iam_role" "verify" {
  count = var.verify ? 1 : 0

  name                 = "${local._role}-verify"
  description          = "What `make verify` may in ${local._name}: run, read and remove what belongs to the probes."
  max_session_duration = 4 * 3600
  assume_role_policy   = module.policies.trust_of_people.verify
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "verify" {
  count = var.verify ? 1 : 0

  name   = "verify"
  role   = aws_iam_role.verify[0].id
  policy = local._verify_policy

  lifecycle {
    precondition {
      condition = length(local._verify_policy) <= 10240
      error_message = join(" ", [
        "The policy of ${local._role}-verify has ${length(local._verify_policy)} characters, AWS allows 10240.",
        "Shorten `name`.",
      ])
    }
  }
}
