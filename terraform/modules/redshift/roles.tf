# What Redshift itself may read for COPY, and two roles for people: the owner makes the tables, the loader fills them. Readers are
# analysts and engineers (modules/access). All sign in under the role's own name; no role reads the administrator's secret.

module "policies" {
  source = "../policies"

  site = { name = var.site.name, partition = var.site.partition, region = var.site.region, account_id = var.site.account_id }
  redshift = {
    cluster       = var.redshift.cluster
    workgroup_arn = var.workgroup_arn
    database      = var.redshift.database
  }
  people = { for role in ["warehouse-loader", "warehouse-owner"] : role => lookup(var.trusted_principals, role, null) }
}

locals {
  _role   = "${var.site.roles.prefix}${var.site.name}-warehouse"
  _bucket = "arn:${var.site.partition}:s3:::${var.warehouse_bucket}"

  # Composed of names, so that a plan knows them.
  _role_arns = { for role in ["copy", "loader", "owner"] :
    role => "arn:${var.site.partition}:iam::${var.site.account_id}:role${var.site.roles.path}${local._role}-${role}"
  }

  # COPY reads the files of an export, a loader also the record of the newest one.
  _read_exports = { for role, folders in { copy = ["exports/redshift"], loader = ["exports/newest", "exports/redshift"] } : role => [
    {
      Sid      = "ReadExports"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for folder in folders : "${local._bucket}/${folder}/*"]
    },
    {
      Sid       = "ListExports"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [local._bucket]
      Condition = { StringLike = { "s3:prefix" = [for folder in folders : "${folder}/*"] } }
    },
    { Sid = "LocateExports", Effect = "Allow", Action = ["s3:GetBucketLocation"], Resource = [local._bucket] },
    { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn] },
  ] }

  _people = {
    loader = {
      text       = "loads exports and verifies"
      statements = concat(module.policies.redshift, local._read_exports.loader)
    }
    owner = { text = "makes the tables and what they lack", statements = module.policies.redshift }
  }
}

resource "aws_iam_role" "copy" {
  name                 = "${local._role}-copy"
  description          = "Warehouse of ${var.site.name}: COPY reads exports with it."
  assume_role_policy   = module.policies.trust.redshift
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "copy" {
  name   = "copy"
  role   = aws_iam_role.copy.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local._read_exports.copy })
}

resource "aws_iam_role" "person" {
  for_each = local._people

  name                 = "${local._role}-${each.key}"
  description          = "Warehouse of ${var.site.name}: ${each.value.text}."
  assume_role_policy   = module.policies.trust_of_people["warehouse-${each.key}"]
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "person" {
  for_each = local._people

  name   = each.key
  role   = aws_iam_role.person[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value.statements })
}
