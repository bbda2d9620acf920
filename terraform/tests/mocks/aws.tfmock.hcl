# What AWS would answer, as far as a plan needs it. Values that other resources validate (ARNs) have the right form.

mock_data "aws_caller_identity" {
  defaults = {
    account_id = "123456789012"
  }
}

mock_data "aws_partition" {
  defaults = {
    partition = "aws"
  }
}

mock_data "aws_kms_alias" {
  defaults = {
    target_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  }
}

mock_data "aws_s3_objects" {
  defaults = {
    keys = [
      "releases/0.1.0/release.json",
      "releases/0.1.0/headgate-0.1.0-py3-none-any.whl",
      "releases/0.1.0/wheelhouse.gluewheels.zip",
      "releases/0.1.0/glue_jobs/refine.py",
      "releases/0.1.0/glue_jobs/build_mart.py",
      "releases/0.1.0/glue_jobs/maintain.py",
      "releases/0.1.0/lambdas/flatten_json-arm64.zip",
    ]
  }
}

mock_resource "aws_kms_key" {
  override_during = plan
  defaults = {
    id     = "22222222-2222-2222-2222-222222222222"
    key_id = "22222222-2222-2222-2222-222222222222"
    arn    = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  }
}

mock_resource "aws_iam_role" {
  defaults = {
    arn = "arn:aws:iam::123456789012:role/mock"
  }
}

mock_resource "aws_iam_policy" {
  defaults = {
    arn = "arn:aws:iam::123456789012:policy/mock"
  }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:eu-west-1:123456789012:mock"
    id  = "https://sqs.eu-west-1.amazonaws.com/123456789012/mock"
  }
}

mock_resource "aws_sns_topic" {
  defaults = {
    arn = "arn:aws:sns:eu-west-1:123456789012:mock"
  }
}

mock_resource "aws_sfn_state_machine" {
  defaults = {
    arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:mock"
  }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:mock"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mock"
  }
}

# The hash of tests/lake/contracts; after a change there, the error of the refused plan shows the new hash.
mock_data "aws_s3_object" {
  defaults = {
    body = "{\"version\": \"0.1.0\", \"contracts_sha256\": \"200377058574c0c432eca5babb83bb0bfbe831d3054b1c45dbffceb0a25aae74\"}"
  }
}

mock_data "aws_subnet" {
  defaults = {
    vpc_id            = "vpc-0123456789abcdef0"
    availability_zone = "eu-west-1a"
  }
}

mock_resource "aws_redshiftserverless_workgroup" {
  defaults = {
    arn = "arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/55555555-5555-5555-5555-555555555555"
  }
}

mock_data "aws_redshiftserverless_workgroup" {
  defaults = {
    arn = "arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/66666666-6666-6666-6666-666666666666"
  }
}
