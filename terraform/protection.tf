# `terraform destroy` of a protected lake ends here, before it deletes anything: this resource depends on everything else, so it
# goes first, and it refuses. A lifecycle's `prevent_destroy` would do the same, but no value can switch that.
# What AWS itself refuses, with or without Terraform, is in the buckets' and the key's policies (modules/storage).

resource "terraform_data" "protection" {
  input = var.protected ? "protected" : "free"

  provisioner "local-exec" {
    when    = destroy
    quiet   = true
    command = "test '${self.output}' = free || { echo 'The lake is protected: set protected = false, apply, then destroy.' >&2; exit 1; }"
  }

  depends_on = [
    module.access, module.audit, module.boundary, module.catalog, module.events, module.guard, module.jobs,
    module.lakeformation, module.network, module.pipeline, module.query, module.redshift,
    module.storage, aws_s3_object.known,
  ]
}
