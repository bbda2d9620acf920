# The role of `make verify` (docs/VERIFY.md), made only where `verify` is true: it runs, reads and removes what belongs to
# the probes' own dataset, and nothing else. The dataset's name is reserved by Headgate; your contracts cannot use it.

locals {
  _probe = "verify_probe"

  _verify = [
    {
      Sid      = "RunTheJob"
      Effect   = "Allow"
      Action   = ["glue:BatchStopJobRun", "glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]
      Resource = ["${local._glue}:job/${local._name}-refine-${local._probe}"]
    },
    {
      Sid    = "WatchThePipeline"
      Effect = "Allow"
      Action = ["states:DescribeExecution", "states:ListExecutions", "states:StopExecution"]
      Resource = [
        "${local._arn}:states:${local._here}:stateMachine:${local._name}-${local._probe}",
        "${local._arn}:states:${local._here}:execution:${local._name}-${local._probe}:*",
      ]
    },
    {
      Sid      = "TakeHints"
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
      Resource = ["${local._arn}:sqs:${local._here}:${local._name}-arrivals-${local._probe}"]
    },
    {
      Sid      = "Ask"
      Effect   = "Allow"
      Action   = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution", "athena:StopQueryExecution"]
      Resource = ["${local._arn}:athena:${local._here}:workgroup/${var.workgroup}-engineers"]
    },
    {
      Sid    = "ReadAndDropTheTable"
      Effect = "Allow"
      Action = ["glue:DeleteTable", "glue:GetDatabase", "glue:GetTable"]
      Resource = [
        "${local._glue}:catalog", "${local._glue}:database/${var.databases.warehouse}",
        "${local._glue}:table/${var.databases.warehouse}/${var.prefix}${local._probe}",
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
      # remove only runs whose record names their dataset and no other.
      Sid    = "PutReadAndRemoveOwn"
      Effect = "Allow"
      Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = concat(
        ["${local._s3.staging}/staging/${local._probe}/verify-*", "${local._s3.athena_results}/engineers/*"],
        [for part in ["runs", "counts"] : "${local._s3.reports}/${part}/*"],
        [for part in ["data-warehouse", "ledger", "quarantine", "_temp"] : "${local._s3.warehouse}/${part}/${local._probe}/*"],
        [for part in ["latest", "spark-ui"] : "${local._s3.reports}/${part}/${local._probe}/*"],
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
      # Whom the roles trust, and what IAM would allow them.
      Sid      = "InspectRoles"
      Effect   = "Allow"
      Action   = ["iam:GetRole"]
      Resource = ["${local._iam}:role${var.site.roles.path}${local._role}-job-${local._probe}"]
    },
    # AWS has no resource level for this action: see star_resources.yaml.
    { Sid = "FindGroups", Effect = "Allow", Action = ["logs:DescribeLogGroups"], Resource = ["*"] },
  ]
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
  policy = jsonencode({ Version = "2012-10-17", Statement = local._verify })
}
