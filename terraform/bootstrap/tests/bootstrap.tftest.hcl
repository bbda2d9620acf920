mock_provider "aws" {
  source = "../tests/mocks"
}

variables {
  region = "eu-west-1"
}

run "state_and_artifacts_are_protected" {
  command = apply

  assert {
    condition = output.buckets == {
      artifacts = "headgate-artifacts-123456789012-eu-west-1"
      state     = "headgate-state-123456789012-eu-west-1"
    }
    error_message = jsonencode(output.buckets)
  }
}
