# The most that any working role of the lake may do, regardless of its own policies: what jobs, machines, crawlers, schedules and
# people need, on this lake's resources. Each such role has this policy as its permissions boundary. So a deployer, who writes
# roles and their policies, can create none that is an administrator. The boundary grants nothing by itself.

module "policies" {
  source = "../policies"

  site     = { name = var.site.name, partition = var.site.partition, region = var.site.region, account_id = var.site.account_id }
  redshift = var.redshift
}

locals {
  _arn  = "arn:${var.site.partition}"
  _here = "${var.site.region}:${var.site.account_id}"
  _glue = "${local._arn}:glue:${local._here}"
  _name = var.site.name
  _role = "${var.site.roles.prefix}${var.site.name}"
  _s3   = [for bucket in values(var.buckets) : "${local._arn}:s3:::${bucket}"]

  # What roles do with this lake's resources, part by part. IAM reads a statement as each action on each resource, and no action of one
  # part is about a resource of another; so the policy, which AWS limits to 6,144 characters, has them in one statement.
  _parts = [
    {
      Action = [
        "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject",
      ]
      Resource = [for bucket in local._s3 : "${bucket}/*"]
    },
    {
      Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
      Resource = local._s3
    },
    {
      # Which of these keys a role may use, its own policy says; the lake's key has no name before it exists.
      Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
      Resource = ["${local._arn}:kms:${local._here}:key/*"]
    },
    {
      Action = [
        "glue:BatchCreatePartition", "glue:BatchDeletePartition", "glue:BatchGetPartition", "glue:BatchUpdatePartition",
        "glue:CreatePartition", "glue:CreateTable", "glue:DeleteTable", "glue:GetDatabase", "glue:GetDatabases",
        "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTableVersions", "glue:GetTables",
        "glue:UpdatePartition", "glue:UpdateTable",
      ]
      Resource = concat(["${local._glue}:catalog"], flatten([
        for database in values(var.databases) : ["${local._glue}:database/${database}", "${local._glue}:table/${database}/*"]
      ]))
    },
    {
      Action = [
        "glue:BatchStopJobRun", "glue:GetCrawler", "glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartCrawler",
        "glue:StartJobRun", "glue:StopCrawler",
      ]
      Resource = ["${local._glue}:job/${local._name}-*", "${local._glue}:crawler/${local._name}-*"]
    },
    {
      Action = [
        "states:DescribeExecution", "states:DescribeStateMachine", "states:GetExecutionHistory", "states:ListExecutions",
        "states:RedriveExecution", "states:StartExecution", "states:StopExecution",
        "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:PurgeQueue",
        "sqs:ReceiveMessage", "sqs:SendMessage", "sqs:StartMessageMoveTask",
        "scheduler:GetSchedule", "scheduler:UpdateSchedule", "sns:Publish",
      ]
      Resource = [
        "${local._arn}:states:${local._here}:stateMachine:${local._name}-*",
        "${local._arn}:states:${local._here}:execution:${local._name}-*:*",
        "${local._arn}:sqs:${local._here}:${local._name}-*",
        "${local._arn}:sns:${local._here}:${local._name}-*",
        "${local._arn}:scheduler:${local._here}:schedule/${local._name}/*",
      ]
    },
    {
      Action = [
        "athena:BatchGetNamedQuery", "athena:BatchGetQueryExecution", "athena:GetDataCatalog", "athena:GetDatabase",
        "athena:GetNamedQuery", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetQueryResultsStream",
        "athena:GetQueryRuntimeStatistics", "athena:GetTableMetadata", "athena:GetWorkGroup", "athena:ListDatabases",
        "athena:ListNamedQueries", "athena:ListQueryExecutions", "athena:ListTableMetadata", "athena:StartQueryExecution",
        "athena:StopQueryExecution",
      ]
      Resource = [
        "${local._arn}:athena:${local._here}:workgroup/${local._name}",
        "${local._arn}:athena:${local._here}:workgroup/${local._name}-*",
        "${local._arn}:athena:${local._here}:datacatalog/AwsDataCatalog",
      ]
    },
    {
      Action = [
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents",
        "logs:PutLogEvents", "logs:StartQuery",
      ]
      Resource = [
        for group in ["/${local._name}/*", "/aws-glue/*", "/aws/vendedlogs/states/${local._name}-*"] :
        "${local._arn}:logs:${local._here}:log-group:${group}"
      ]
    },
    {
      Action = ["secretsmanager:GetSecretValue"]
      Resource = [
        for name in compact(["${local._name}/masking/*", var.masking_secret == "" ? "" : "${var.masking_secret}-??????"]) :
        "${local._arn}:secretsmanager:${local._here}:secret:${name}"
      ]
    },
  ]

  _statements = [
    {
      Sid      = "OnThisLake"
      Effect   = "Allow"
      Action   = flatten(local._named[*].Action)
      Resource = distinct(flatten(local._named[*].Resource))
    },
    {
      Sid       = "Schedules"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = ["${local._arn}:iam::${var.site.account_id}:role${var.site.roles.path}${local._role}-tick"]
      Condition = { StringEquals = { "iam:PassedToService" = "scheduler.amazonaws.com" } }
    },
    # AWS has no resource for these actions: see star_resources.yaml.
    {
      Sid    = "BoundaryOfLists"
      Effect = "Allow"
      Action = concat(
        [
          "athena:ListDataCatalogs", "athena:ListEngineVersions", "athena:ListWorkGroups", "cloudwatch:DescribeAlarms",
          "cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "glue:ListJobs", "logs:GetQueryResults",
          "states:ListStateMachines",
        ],
        module.policies.deliver_logs.Action,
        module.policies.put_metrics.jobs.Action,
        module.policies.trace.Action,
        var.options.network ? module.policies.join_network.functions[0].Action : [],
        var.options.lake_formation ? ["lakeformation:GetDataAccess"] : [],
        flatten(local._own_statements[*].Action),
      )
      Resource = ["*"]
    },
  ]

  _of_network = {
    parts = [{ Action = ["glue:GetConnection"], Resource = ["${local._glue}:connection/${local._name}-*"] }]
    tags  = [module.policies.join_network.jobs[1]]
  }

  # The role of `make verify` looks at the lake's roles, each of which has this boundary if it trusts the account; takes that of analysts,
  # and sets off an alarm.
  _of_verify = [
    {
      Action   = ["iam:GetRole", "iam:SimulatePrincipalPolicy", module.policies.take_role]
      Resource = ["${local._arn}:iam::${var.site.account_id}:role${var.site.roles.path}${local._role}-*"]
    },
    {
      Action   = ["cloudwatch:DescribeAlarmHistory", "cloudwatch:SetAlarmState", "sns:ListSubscriptionsByTopic"]
      Resource = ["${local._arn}:cloudwatch:${local._here}:alarm:${local._name}-*"]
    },
  ]

  _named = concat(
    local._parts,
    var.options.network ? local._of_network.parts : [],
    var.options.verify ? local._of_verify : [],
  )

  # Statements that a role itself sent: each role's policy has the condition.
  _own_statements = [for statement in module.policies.redshift : statement if statement.Resource == ["*"]]
  _redshift       = [for statement in module.policies.redshift : statement if statement.Resource != ["*"]]

  _policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local._statements, var.options.network ? local._of_network.tags : [], local._redshift)
  })
}

resource "aws_iam_policy" "boundary" {
  name        = "${local._role}-boundary"
  path        = var.site.roles.path
  description = "The most that roles of ${local._name} may do."
  policy      = local._policy

  lifecycle {
    precondition {
      condition = length(local._policy) <= 6144
      error_message = join(" ", [
        "The policy ${local._role}-boundary has ${length(local._policy)} characters, AWS allows 6144.",
        "Shorten `name`, or turn `verify` off.",
      ])
    }
  }
}
