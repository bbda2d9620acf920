# State lies in the bucket that terraform/bootstrap makes, locked by S3 itself. Bucket and region are given to init:
#   terraform init -backend-config="bucket=headgate-state-<account>-<region>" -backend-config="region=<region>"
#                  -backend-config="key=<environment>.tfstate"
terraform {
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
