# The rules that tflint brings itself, all of them; what is switched off says why.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Files are named by what they do, not main.tf, variables.tf and outputs.tf alone.
rule "terraform_standard_module_structure" {
  enabled = false
}

# A local that no other folder sees begins with an underscore.
rule "terraform_naming_convention" {
  enabled = true
  format  = "snake_case"

  locals {
    custom = "^_?[a-z][a-z0-9]*(_[a-z0-9]+)*$"
  }
}
