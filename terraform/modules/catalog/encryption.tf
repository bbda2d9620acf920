# The catalog of an account and region is encrypted as a whole. Glue uses the lake's key with a role of its own, so that nobody who
# reads the catalog needs the key. Terraform's destroy turns the encryption off again; what was encrypted stays readable while
# the key exists.

resource "aws_iam_role" "catalog" {
  count = var.encrypt ? 1 : 0

  name                 = "${local._role}-catalog"
  description          = "Glue encrypts the catalog of ${var.site.account_id} in ${var.site.region} with it."
  assume_role_policy   = module.policies.trust.glue
  path                 = var.site.roles.path
  permissions_boundary = var.site.roles.boundary
}

resource "aws_iam_role_policy" "catalog" {
  count = var.encrypt ? 1 : 0

  name = "key"
  role = aws_iam_role.catalog[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "UseKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
      Resource = [var.kms_key_arn]
    }]
  })
}

resource "aws_glue_data_catalog_encryption_settings" "catalog" {
  count = var.encrypt ? 1 : 0

  data_catalog_encryption_settings {
    connection_password_encryption {
      return_connection_password_encrypted = true
      aws_kms_key_id                       = var.kms_key_arn
    }
    encryption_at_rest {
      catalog_encryption_mode         = "SSE-KMS-WITH-SERVICE-ROLE"
      catalog_encryption_service_role = aws_iam_role.catalog[0].arn
      sse_aws_kms_key_id              = var.kms_key_arn
    }
  }

  depends_on = [aws_iam_role_policy.catalog]
}
