# Lake Formation decides what analysts read, and hands Athena keys for the files of a query's tables alone: no object of the
# warehouse is theirs to fetch. In hybrid mode the roles of jobs, engineers and machines keep their IAM rights; only the
# analyst is opted in. A tag has a value for each `classification` of the contracts, and `none`; analysts read columns with `none`.

locals {
  _tag      = "${var.site.name}-classification"
  _words    = distinct(flatten([for c in values(var.contracts) : [for column in c.columns : column.classification]]))
  _location = "arn:${var.site.partition}:s3:::${var.warehouse_bucket}/data-warehouse"
  _role     = "${var.site.roles.prefix}${var.site.name}-lakeformation"

  # Terraform creates the tables of plain Parquet; a job creates an Iceberg table when it publishes it for the first time.
  _tagged = { for dataset, c in var.contracts : dataset => c if c.table_format == "parquet" || contains(var.tables, dataset) }

  _classified = merge([for dataset, c in local._tagged : {
    for word in distinct([for column in c.columns : column.classification if column.classification != "none"]) :
    "${dataset}/${word}" => { dataset = dataset, word = word, columns = [
      for column in c.columns : column.name if column.classification == word
    ] }
  }]...)

  _policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "ReadPublished", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local._location}/*"] },
      {
        Sid      = "ListNames"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = ["arn:${var.site.partition}:s3:::${var.warehouse_bucket}"]
      },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn] },
    ]
  })
}

module "policies" {
  source = "../policies"

  site = { name = var.site.name, partition = var.site.partition, region = var.site.region, account_id = var.site.account_id }
}

resource "aws_iam_role" "lakeformation" {
  name                 = local._role
  description          = "Lake Formation reads published tables of ${var.site.name} with it, for whom it has granted them."
  assume_role_policy   = module.policies.trust.lakeformation
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "lakeformation" {
  name   = "read"
  role   = aws_iam_role.lakeformation.id
  policy = local._policy
}

resource "aws_lakeformation_resource" "warehouse" {
  arn                   = local._location
  role_arn              = aws_iam_role.lakeformation.arn
  hybrid_access_enabled = true

  depends_on = [aws_iam_role_policy.lakeformation]
}

resource "aws_lakeformation_lf_tag" "classification" {
  key    = local._tag
  values = sort(distinct(concat(["none"], local._words)))
}

resource "aws_lakeformation_resource_lf_tags" "table" {
  for_each = toset(keys(local._tagged))

  table {
    database_name = var.database
    name          = "${var.prefix}${each.key}"
  }

  lf_tag {
    key   = aws_lakeformation_lf_tag.classification.key
    value = "none"
  }

  lifecycle {
    precondition {
      condition     = length(setsubtract(var.tables, keys(var.contracts))) == 0
      error_message = "lake_formation.tables: no contract describes ${join(", ", setsubtract(var.tables, keys(var.contracts)))}."
    }
  }
}

resource "aws_lakeformation_resource_lf_tags" "columns" {
  for_each = local._classified

  table_with_columns {
    database_name = var.database
    name          = "${var.prefix}${each.value.dataset}"
    column_names  = each.value.columns
  }

  lf_tag {
    key   = aws_lakeformation_lf_tag.classification.key
    value = each.value.word
  }

  depends_on = [aws_lakeformation_resource_lf_tags.table]
}

resource "aws_lakeformation_permissions" "database" {
  principal   = var.analyst_arn
  permissions = ["DESCRIBE"]

  database {
    name = var.database
  }
}

resource "aws_lakeformation_permissions" "unclassified" {
  principal   = var.analyst_arn
  permissions = ["DESCRIBE", "SELECT"]

  lf_tag_policy {
    resource_type = "TABLE"

    expression {
      key    = aws_lakeformation_lf_tag.classification.key
      values = ["none"]
    }
  }
}

resource "aws_lakeformation_opt_in" "database" {
  principal {
    data_lake_principal_identifier = var.analyst_arn
  }

  resource_data {
    database {
      name = var.database
    }
  }

  depends_on = [aws_lakeformation_permissions.database]
}

resource "aws_lakeformation_opt_in" "tables" {
  principal {
    data_lake_principal_identifier = var.analyst_arn
  }

  resource_data {
    table {
      database_name = var.database
      wildcard      = true
    }
  }

  depends_on = [aws_lakeformation_permissions.unclassified]
}
