mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site             = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  database         = "dw"
  prefix           = "tbl_"
  warehouse_bucket = "test-warehouse"
  kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/1"
  analyst_arn      = "arn:aws:iam::123456789012:role/test-analyst"
  tables           = ["customers"]
  contracts = {
    customers = { table_format = "iceberg", columns = [
      { name = "id", classification = "none" }, { name = "mail", classification = "email" }, { name = "mail2", classification = "email" },
    ] }
    orders = { table_format = "iceberg", columns = [{ name = "phone", classification = "phone" }] }
    visits = { table_format = "parquet", columns = [{ name = "day", classification = "none" }] }
  }
}

run "classified_columns_have_their_word_and_analysts_read_the_others" {
  command = apply

  assert {
    condition     = toset(aws_lakeformation_lf_tag.classification.values) == toset(["email", "none", "phone"])
    error_message = "Values ${jsonencode(aws_lakeformation_lf_tag.classification.values)}."
  }
  assert {
    condition     = jsonencode(keys(aws_lakeformation_resource_lf_tags.columns)) == jsonencode(["customers/email"])
    error_message = "Tagged are ${jsonencode(keys(aws_lakeformation_resource_lf_tags.columns))}; one of them does not exist."
  }
  assert {
    condition = (
      toset(one(aws_lakeformation_resource_lf_tags.columns["customers/email"].table_with_columns).column_names) == toset(["mail", "mail2"])
    )
    error_message = "The columns of customers."
  }
  assert {
    condition     = toset(keys(aws_lakeformation_resource_lf_tags.table)) == toset(["customers", "visits"])
    error_message = "Tables ${jsonencode(keys(aws_lakeformation_resource_lf_tags.table))}."
  }
  assert {
    condition     = one(one(aws_lakeformation_permissions.unclassified.lf_tag_policy).expression).values == toset(["none"])
    error_message = "Analysts may read ${jsonencode(aws_lakeformation_permissions.unclassified.lf_tag_policy)}."
  }
}

run "a_table_that_no_contract_describes_is_refused" {
  command         = plan
  expect_failures = [aws_lakeformation_resource_lf_tags.table]

  variables {
    tables = ["custmers"]
  }
}
