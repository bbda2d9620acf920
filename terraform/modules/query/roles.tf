resource "aws_iam_role" "start_etl" {
  name        = "${var.site.name}-start-etl"
  description = "What the schedules of the SQL ETL may: start it."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.site.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "start_etl" {
  name = "start-etl"
  role = aws_iam_role.start_etl.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Start", Effect = "Allow", Action = ["states:StartExecution"], Resource = ["${local._states}:stateMachine:${var.site.name}-etl-*"] }]
  })
}

resource "aws_iam_role" "etl" {
  name        = "${var.site.name}-etl"
  description = "What the SQL ETL may: read raw files, write its own bucket and database."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.site.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "etl" {
  name = "etl"
  role = aws_iam_role.etl.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Query"
        Effect   = "Allow"
        Action   = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup", "athena:StartQueryExecution", "athena:StopQueryExecution"]
        Resource = [local._athena]
      },
      {
        Sid      = "ListNames"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = [for bucket in values(var.buckets) : "arn:${var.site.partition}:s3:::${bucket}"]
      },
      {
        Sid      = "ReadRawFiles"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:${var.site.partition}:s3:::${var.buckets.staging}/staging/*"]
      },
      {
        Sid      = "WriteTargets"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = [for bucket in [var.buckets.athena_etl, var.buckets.athena_results] : "arn:${var.site.partition}:s3:::${bucket}/*"]
      },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      {
        Sid      = "ReadRawTables"
        Effect   = "Allow"
        Action   = ["glue:BatchGetPartition", "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
        Resource = ["${local._glue}:catalog", "${local._glue}:database/${var.staging_database}", "${local._glue}:table/${var.staging_database}/*"]
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
      {
        Sid    = "DeliverLogs"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
        ]
        Resource = ["*"]
      },
    ]
  })
}
