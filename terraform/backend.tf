# The state is in the bucket that terraform/bootstrap creates, and S3 itself locks it. Pass bucket and region to init:
#   terraform init -backend-config="bucket=headgate-state-<account>-<region>" -backend-config="region=<region>"
#                  -backend-config="key=<environment>.tfstate"
terraform {
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
