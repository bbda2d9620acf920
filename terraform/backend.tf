# The state is in the bucket that terraform/bootstrap creates, and S3 itself locks it. That bucket encrypts it with bootstrap's
# key; `encrypt = true` would ask for S3's own key instead. The folder is the lake's: its deployer reaches no other state.
# Pass bucket and region to init:
#   terraform init -backend-config="bucket=headgate-state-<account>-<region>" -backend-config="region=<region>"
#                  -backend-config="key=<name>/<environment>.tfstate"
terraform {
  backend "s3" {
    use_lockfile = true
  }
}
