# One secret per masking domain of the contracts. Terraform makes them empty and never reads or writes a value: an administrator
# puts each domain's key (docs/SETUP_GUIDE.md, step 5). A job may read the secrets of its own contract's domains only.

locals {
  _domains = toset(flatten(values(var.contracts)[*].domains))
}

resource "aws_secretsmanager_secret" "masking" {
  for_each = local._domains

  name        = "${var.site.name}/masking/${each.value}"
  description = "The masking key of the domain ${each.value}: 64 hexadecimal digits. A new one needs rebuilds (docs/RUNBOOK.md)."
  kms_key_id  = local._key

  # A domain that no contract names any more loses its secret: with its name free at once, or after a month to think again.
  recovery_window_in_days = var.protected ? 30 : 0
}
