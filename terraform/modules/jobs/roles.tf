# One role per dataset: it reads its own raw files (a mart: the tables that its query names), writes its own table, and
# nothing else.

module "policies" {
  source = "../policies"
  site   = var.site
}

locals {
  _bucket = { for role, name in merge(var.buckets, { artifacts = var.release.bucket }) : role => "arn:${var.site.partition}:s3:::${name}" }
  _glue   = "arn:${var.site.partition}:glue:${var.site.region}:${var.site.account_id}"
  _logs   = "arn:${var.site.partition}:logs:${var.site.region}:${var.site.account_id}"

  _catalog = ["${local._glue}:catalog", "${local._glue}:database/${var.database}"]
  _table   = "${local._glue}:table/${var.database}/${var.prefix}"
  _secrets = "arn:${var.site.partition}:secretsmanager:${var.site.region}:${var.site.account_id}"

  # The folders above what a job writes. The last pattern matches the folder of a run.
  _above = [
    for folder in ["_work", "data-warehouse", "quarantine", "_work/????????T??????Z-??????"] : "${local._bucket.warehouse}/${folder}"
  ]

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
        # Names only, never content. A condition on the prefix is not possible: a request for one missing object has no
        # prefix, and S3 would answer 403 where Spark needs a 404.
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
        # Before it writes into a folder, Spark's S3 connector checks that the folder's name is not a file's. No object
        # has such a name.
        Sid      = "LookAtFolders"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = concat(local._above, [for pattern in local._own[dataset] : trimsuffix(pattern, "/*")])
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
        Resource = concat(local._catalog, ["${local._table}${dataset}"])
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = [for name in ["output", "error"] : "${local._logs}:log-group:/${var.site.name}/glue/${name}:*"]
      },
      module.policies.put_metrics.jobs,
    ],
    # Publishing a plain Parquet table switches its partitions in the catalog; Iceberg keeps partitions in its own metadata.
    [for sid in c.table_format == "parquet" ? ["SwitchPartitions"] : [] : {
      Sid      = sid
      Effect   = "Allow"
      Action   = ["glue:BatchCreatePartition", "glue:BatchDeletePartition", "glue:BatchUpdatePartition", "glue:GetPartitions"]
      Resource = concat(local._catalog, ["${local._table}${dataset}"])
    }],
    [for sid in c.is_mart ? [] : ["ReadRawFiles"] : {
      Sid      = sid
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${local._bucket.staging}/staging/${c.prefix}*"]
    }],
    [for sid in length(c.reads) > 0 ? ["ReadSources"] : [] : {
      Sid      = sid
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for source in c.reads : "${local._bucket.warehouse}/data-warehouse/${source}/*"]
    }],
    [for sid in length(c.reads) > 0 ? ["ReadSourceTables"] : [] : {
      Sid      = sid
      Effect   = "Allow"
      Action   = ["glue:GetTable"]
      Resource = concat(local._catalog, [for source in c.reads : "${local._table}${source}"])
    }],
    [for sid in c.masked ? ["ReadMaskingKeys"] : [] : {
      Sid      = sid
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = ["${local._secrets}:secret:${var.masking_secret}-??????"]
    }],
  ) }
}

# A map of texts, because every instance of a resource walks the whole of a local that it reads from.
locals {
  _policy = { for dataset, statements in local._statements : dataset => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

# Resources read other resources' instances through these locals. If a resource named another's instance by each.key,
# Terraform would keep a graph edge for each pair of instances: 90,000 with 300 contracts.
locals {
  _role_id = { for dataset, role in aws_iam_role.job : dataset => role.id }
  # Only roles that already have their policy.
  _role_ready = { for dataset, policy in aws_iam_role_policy.job : dataset => aws_iam_role.job[dataset].arn }
}

resource "aws_iam_role" "job" {
  for_each = local.names

  name               = "${var.site.name}-job-${each.key}"
  description        = "What the job ${local.names[each.key]} may."
  assume_role_policy = module.policies.trust.glue
}

resource "aws_iam_role_policy" "job" {
  for_each = local.names

  name   = "job"
  role   = local._role_id[each.key]
  policy = local._policy[each.key]
}
