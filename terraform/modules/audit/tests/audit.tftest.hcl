mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  site    = { name = "test", partition = "aws", region = "eu-west-1", account_id = "123456789012" }
  kind    = "access_logs"
  buckets = { warehouse = "test-warehouse", staging = "test-staging" }
}

run "access_logs_of_every_bucket" {
  command = apply

  assert {
    condition     = toset([for logging in aws_s3_bucket_logging.each : logging.bucket]) == toset(["test-staging", "test-warehouse"])
    error_message = "Logged are ${jsonencode([for logging in aws_s3_bucket_logging.each : logging.bucket])}."
  }
  assert {
    condition     = length(aws_cloudtrail.objects) == 0 && output.bucket == "test-audit-123456789012-eu-west-1"
    error_message = "Two kinds of records are planned."
  }
}

run "data_events_of_every_object" {
  command = plan

  variables {
    kind = "data_events"
  }

  assert {
    condition     = length(aws_s3_bucket_logging.each) == 0
    error_message = "Two kinds of records are planned."
  }
  assert {
    condition = anytrue([for selector in one(aws_cloudtrail.objects[*].advanced_event_selector) : anytrue([
      for field in selector.field_selector :
      try(toset(field.starts_with) == toset(["arn:aws:s3:::test-staging/", "arn:aws:s3:::test-warehouse/"]), false)
    ])])
    error_message = "The trail records ${jsonencode(one(aws_cloudtrail.objects[*].advanced_event_selector))}."
  }
}

run "another_kind_is_refused" {
  command         = plan
  expect_failures = [var.kind]

  variables {
    kind = "everything"
  }
}
