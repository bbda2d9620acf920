module "policies" {
  source = "../policies"
  site   = var.site
}

resource "aws_iam_role" "start_etl" {
  name                 = "${local._role}-start-etl"
  description          = "What the schedules of the SQL ETL may: start it."
  assume_role_policy   = module.policies.trust.scheduler
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "start_etl" {
  name = "start-etl"
  role = aws_iam_role.start_etl.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Start", Effect = "Allow", Action = ["states:StartExecution"], Resource = ["${local._machine}-etl-*"] },
      { Sid = "GiveUp", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local._undelivered] },
    ]
  })
}

resource "aws_iam_role" "etl" {
  name                 = "${local._role}-etl"
  description          = "What the SQL ETL may: read raw files, write its own bucket and database."
  assume_role_policy   = module.policies.trust.states
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "etl" {
  name = "etl"
  role = aws_iam_role.etl.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Query"
        Effect = "Allow"
        Action = [
          "athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup", "athena:StartQueryExecution",
          "athena:StopQueryExecution",
        ]
        Resource = [local._athena]
      },
      {
        Sid      = "ListNames"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = values(local._s3)
      },
      {
        Sid      = "ReadRawFiles"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local._s3.staging}/staging/*"]
      },
      {
        Sid      = "WriteTargets"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = ["${local._s3.athena_etl}/*", "${local._s3.athena_results}/etl/*"]
      },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      {
        Sid    = "ReadRawTables"
        Effect = "Allow"
        Action = [
          "glue:BatchGetPartition", "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable",
          "glue:GetTables",
        ]
        Resource = [
          "${local._glue}:catalog", "${local._glue}:database/${var.staging_database}",
          "${local._glue}:table/${var.staging_database}/*",
        ]
      },
      {
        Sid    = "WriteTargetTables"
        Effect = "Allow"
        Action = [
          "glue:BatchCreatePartition", "glue:BatchGetPartition", "glue:CreatePartition", "glue:CreateTable", "glue:GetDatabase",
          "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables", "glue:UpdateTable",
        ]
        Resource = ["${local._glue}:catalog", "${local._glue}:database/${var.etl_database}", "${local._glue}:table/${var.etl_database}/*"]
      },
      { Sid = "Tell", Effect = "Allow", Action = ["sns:Publish"], Resource = [var.topic_arn] },
      module.policies.deliver_logs,
    ]
  })
}
