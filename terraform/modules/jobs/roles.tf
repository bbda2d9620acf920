# One role per dataset: it reads its own raw files (a mart: the tables that its query names), writes its own table, and
# nothing else.

module "policies" {
  source = "../policies"
  site   = var.site
}

locals {
  _role   = "${var.site.roles.prefix}${var.site.name}" # how the names of roles begin
  _bucket = { for role, name in merge(var.buckets, { artifacts = var.release.bucket }) : role => "arn:${var.site.partition}:s3:::${name}" }
  _glue   = "arn:${var.site.partition}:glue:${var.site.region}:${var.site.account_id}"
  _logs   = "arn:${var.site.partition}:logs:${var.site.region}:${var.site.account_id}"

  _catalog = ["${local._glue}:catalog", "${local._glue}:database/${var.database}"]
  _table   = "${local._glue}:table/${var.database}/${var.prefix}"
  _secrets = "arn:${var.site.partition}:secretsmanager:${var.site.region}:${var.site.account_id}"

  _secret_names = { for dataset, c in var.contracts : dataset => (
    var.masking_secret != "" ? [var.masking_secret] : [for domain in c.domains : "${var.site.name}/masking/${domain}"]
  ) }

  # The folders above what a job writes. The last pattern matches the folder of a run.
  _above = [
    for folder in ["_work", "data-warehouse", "ledger", "quarantine", "_work/????????T??????Z-??????"] :
    "${local._bucket.warehouse}/${folder}"
  ]
  _above_exports = [for folder in ["exports", "exports/newest", "exports/redshift"] : "${local._bucket.warehouse}/${folder}"]

  _own = { for dataset, c in var.contracts : dataset => concat([
    "${local._bucket.warehouse}/data-warehouse/${dataset}/*",
    "${local._bucket.warehouse}/ledger/${dataset}/*",
    "${local._bucket.warehouse}/quarantine/${dataset}/*",
    "${local._bucket.warehouse}/_work/*/${dataset}/*",
    "${local._bucket.warehouse}/_temp/${dataset}/*",
    "${local._bucket.reports}/spark-ui/${dataset}/*",
    ], c.table_format == "parquet" ? ["${local._bucket.warehouse}/states/${dataset}/*"] : [],
  [for kind in c.warehouse ? ["newest", "redshift"] : [] : "${local._bucket.warehouse}/exports/${kind}/${dataset}/*"]) }

  # A mart reads its sources; orphans are judged against what a dataset refers to.
  _reads = { for dataset, c in var.contracts : dataset => distinct(concat(c.reads, c.refers)) }

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
        Sid    = "LookAtFolders"
        Effect = "Allow"
        Action = ["s3:GetObject"]
        Resource = concat(
          local._above,
          c.warehouse ? local._above_exports : [],
          [for pattern in local._own[dataset] : trimsuffix(pattern, "/*")],
        )
      },
      {
        # Reports lie by run, and one run may cover several datasets. So a job may add reports and replace none: S3 refuses a put
        # with the header `If-None-Match: *` where there is an object, and a put without it is denied.
        Sid       = "AddReport"
        Effect    = "Allow"
        Action    = ["s3:PutObject"]
        Resource  = [for folder in ["runs", "counts"] : "${local._bucket.reports}/${folder}/*"]
        Condition = { Null = { "s3:if-none-match" = "false" } }
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
    # A first Iceberg table that turns out to be not what was audited is dropped again (`withdraw`).
    [for sid in c.table_format == "iceberg" ? ["WithdrawOwnTable"] : [] : {
      Sid      = sid
      Effect   = "Allow"
      Action   = ["glue:DeleteTable"]
      Resource = concat(local._catalog, ["${local._table}${dataset}"])
    }],
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
    [for sid in length(local._reads[dataset]) > 0 ? ["ReadSources"] : [] : {
      Sid    = sid
      Effect = "Allow"
      Action = ["s3:GetObject"]
      # A mart asks its sources' ledgers with which keys their values were masked.
      Resource = concat(
        [for source in local._reads[dataset] : "${local._bucket.warehouse}/data-warehouse/${source}/*"],
        [for source in c.is_mart ? local._reads[dataset] : [] : "${local._bucket.warehouse}/ledger/${source}/*.json"],
      )
    }],
    [for sid in length(local._reads[dataset]) > 0 ? ["ReadSourceTables"] : [] : {
      Sid      = sid
      Effect   = "Allow"
      Action   = ["glue:GetTable"]
      Resource = concat(local._catalog, [for source in local._reads[dataset] : "${local._table}${source}"])
    }],
    [for statement in concat(module.policies.join_network.jobs, [{
      Sid      = "UseConnections"
      Effect   = "Allow"
      Action   = ["glue:GetConnection"]
      Resource = concat(local._catalog, [for connection in var.connections : "${local._glue}:connection/${connection}"])
    }]) : statement if length(var.connections) > 0],
    [for sid in length(c.domains) > 0 ? ["ReadMaskingKeys"] : [] : {
      Sid      = sid
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = [for name in local._secret_names[dataset] : "${local._secrets}:secret:${name}-??????"]
    }],
  ) }
}

# A map of texts, because every instance of a resource walks the whole of a local that it reads from.
locals {
  _files       = { for dataset, c in var.contracts : dataset => c.file }
  _read_tables = { for dataset, c in var.contracts : dataset => length(c.reads) }

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

  name                 = "${local._role}-job-${each.key}"
  description          = "What the job ${local.names[each.key]} may."
  assume_role_policy   = module.policies.trust.glue
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "job" {
  for_each = local.names

  name   = "job"
  role   = local._role_id[each.key]
  policy = local._policy[each.key]

  lifecycle {
    precondition {
      condition = length(local._policy[each.key]) <= 10240
      error_message = join(" ", [
        "${local._files[each.key]}: the policy of the job's role has ${length(local._policy[each.key])} characters, AWS allows 10,240",
        "(IAM: inline policies of a role). It reads ${local._read_tables[each.key]} tables: read some of them through a mart in between.",
      ])
    }
  }
}
