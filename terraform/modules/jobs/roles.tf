# One role per dataset: it reads its own raw files (a mart: the tables it names), writes its own table, and nothing else.

locals {
  _bucket = { for role, name in merge(var.buckets, { artifacts = var.release.bucket }) : role => "arn:${var.site.partition}:s3:::${name}" }
  _glue   = "arn:${var.site.partition}:glue:${var.site.region}:${var.site.account_id}"
  _logs   = "arn:${var.site.partition}:logs:${var.site.region}:${var.site.account_id}"

  # The last is the folder of a run, by the shape of its name.
  _above = [for folder in ["_work", "data-warehouse", "quarantine", "_work/????????T??????Z-??????"] : "${local._bucket.warehouse}/${folder}"]

  _own = { for dataset, c in var.contracts : dataset => concat([
    "${local._bucket.warehouse}/data-warehouse/${dataset}/*",
    "${local._bucket.warehouse}/ledger/${dataset}/*",
    "${local._bucket.warehouse}/quarantine/${dataset}/*",
    "${local._bucket.warehouse}/_work/*/${dataset}/*",
    "${local._bucket.warehouse}/_temp/${dataset}/*",
    "${local._bucket.reports}/spark-ui/${dataset}/*",
  ], c.table_format == "parquet" ? ["${local._bucket.warehouse}/states/${dataset}/*"] : []) }

  _statements = { for dataset, c in var.contracts : dataset => concat(
    [
      {
        # Names only, never content. By prefix it cannot be said: a request for one missing object carries no prefix,
        # and S3 would answer 403 where Spark needs to read 404.
        Sid      = "ListNames"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = [for role in ["artifacts", "reports", "staging", "warehouse"] : local._bucket[role]]
      },
      {
        Sid      = "ReadRelease"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local._bucket.artifacts}/releases/*"]
      },
      {
        Sid      = "WriteOwn"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = local._own[dataset]
      },
      {
        # Spark's S3 connector looks whether a folder that it writes below is perhaps a file. No object has such a name.
        Sid      = "LookAtFolders"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = concat(local._above, [for one in local._own[dataset] : trimsuffix(one, "/*")])
      },
      {
        Sid      = "WriteReport"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local._bucket.reports}/runs/*"]
      },
      {
        Sid      = "UseKeys"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
        Resource = [var.kms_key_arn]
      },
      {
        Sid      = "ReadReleaseKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [var.artifacts_kms_key_arn]
      },
      {
        Sid      = "WriteOwnTable"
        Effect   = "Allow"
        Action   = ["glue:CreateTable", "glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"]
        Resource = ["${local._glue}:catalog", "${local._glue}:database/${var.database}", "${local._glue}:table/${var.database}/${var.prefix}${dataset}"]
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = [for name in ["output", "error"] : "${local._logs}:log-group:/${var.site.name}/glue/${name}:*"]
      },
      {
        Sid       = "PutMetrics"
        Effect    = "Allow"
        Action    = ["cloudwatch:PutMetricData"]
        Resource  = ["*"]
        Condition = { StringEquals = { "cloudwatch:namespace" = "Glue" } }
      },
    ],
    # A plain Parquet table's partitions are switched in the catalog; Iceberg keeps its own.
    [for one in c.table_format == "parquet" ? ["SwitchPartitions"] : [] : {
      Sid      = one
      Effect   = "Allow"
      Action   = ["glue:BatchCreatePartition", "glue:BatchDeletePartition", "glue:BatchUpdatePartition", "glue:GetPartitions"]
      Resource = ["${local._glue}:catalog", "${local._glue}:database/${var.database}", "${local._glue}:table/${var.database}/${var.prefix}${dataset}"]
    }],
    [for one in c.is_mart ? [] : ["ReadRawFiles"] : {
      Sid      = one
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${local._bucket.staging}/staging/${c.prefix}*"]
    }],
    [for one in length(c.reads) > 0 ? ["ReadSources"] : [] : {
      Sid      = one
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for source in c.reads : "${local._bucket.warehouse}/data-warehouse/${source}/*"]
    }],
    [for one in length(c.reads) > 0 ? ["ReadSourceTables"] : [] : {
      Sid      = one
      Effect   = "Allow"
      Action   = ["glue:GetTable"]
      Resource = concat(["${local._glue}:catalog", "${local._glue}:database/${var.database}"], [for source in c.reads : "${local._glue}:table/${var.database}/${var.prefix}${source}"])
    }],
    [for one in c.masked ? ["ReadMaskingKeys"] : [] : {
      Sid      = one
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = ["arn:${var.site.partition}:secretsmanager:${var.site.region}:${var.site.account_id}:secret:${var.masking_secret}-??????"]
    }],
  ) }
}

# As text at once: every instance of a resource walks all of a local that it reads from.
locals {
  _policy = { for dataset, statements in local._statements : dataset => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

# One line for all instances: a resource that names another's instance by each.key waits for every instance of it, and
# Terraform keeps an edge of its graph for each pair, 90,000 with 300 contracts.
locals {
  _role_id = { for dataset, role in aws_iam_role.job : dataset => role.id }
  # Of roles that have their policy.
  _role_ready = { for dataset, policy in aws_iam_role_policy.job : dataset => aws_iam_role.job[dataset].arn }
}

resource "aws_iam_role" "job" {
  for_each = local.names

  name        = "${var.site.name}-job-${each.key}"
  description = "What the job ${local.names[each.key]} may."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.site.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "job" {
  for_each = local.names

  name   = "job"
  role   = local._role_id[each.key]
  policy = local._policy[each.key]
}
