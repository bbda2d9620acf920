# All rules that tflint itself contains; each disabled rule has a reason.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Files are named by their purpose; there is more than main.tf, variables.tf and outputs.tf.
rule "terraform_standard_module_structure" {
  enabled = false
}

# The name of a local for internal use begins with an underscore.
rule "terraform_naming_convention" {
  enabled = true
  format  = "snake_case"

  locals {
    custom = "^_?[a-z][a-z0-9]*(_[a-z0-9]+)*$"
  }
}
