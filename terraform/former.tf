# What earlier versions created and this one leaves alone: Terraform forgets it, and it stays in the account.

# An account has one OIDC provider for GitHub, which all its lakes share: docs/SETUP_GUIDE.md, "Deploy from GitHub".
removed {
  from = module.access.aws_iam_openid_connect_provider.github

  lifecycle {
    destroy = false
  }
}
