# The states before a mart's job. On a lake's first load a mart may be due before everything that it reads is published.
# Such a mart waits, and no notice calls it failed. Only a mart that was never published itself waits. If a table has
# vanished since, or the catalog does not answer, the job runs and reports the error. A table without a pointer (a Parquet
# table that Terraform created) is not published yet.

locals {
  # The tables that a mart looks at: its own first, then those that it reads.
  _looked_at = { for mart, reads in var.reads : mart => [for name in concat([mart], reads) : "${var.catalog.prefix}${name}"] }

  _published = join(" or ", [
    for key in ["metadata_location", "headgate.ledger"] : "$exists($lookup($states.result.Table.Parameters, '${key}'))"
  ])

  _look_states = { for dataset, flow in local._flow : dataset => merge([
    for step in flow : {
      "Before: ${step.title}" = {
        Type   = "Pass"
        Assign = { looked = 0 }
        Next   = "Look: ${step.title}"
      }
      "Look: ${step.title}" = {
        Type     = "Task"
        Resource = "${local._sdk}:glue:getTable"
        Arguments = {
          DatabaseName = var.catalog.database
          Name         = "{% ['${join("', '", local._looked_at[step.name])}'][$looked] %}"
        }
        Assign = {
          looked    = "{% $looked + 1 %}"
          published = "{% ${local._published} %}"
        }
        Output = {} # not the table: a state may pass on 256 KB
        Retry  = local._patient_but_sure
        Catch = [
          {
            ErrorEquals = ["Glue.EntityNotFoundException"]
            Assign      = { looked = "{% $looked + 1 %}", published = "{% false %}" }
            Next        = "Is all there: ${step.title}"
          },
          # States.ALL does not cover an answer above 256 KB, which a table with thousands of columns has.
          { ErrorEquals = ["States.DataLimitExceeded"], Next = "Prepare ${step.title}" },
          { ErrorEquals = ["States.ALL"], Next = "Prepare ${step.title}" },
        ]
        Next = "Is all there: ${step.title}"
      }
      "Is all there: ${step.title}" = {
        Type = "Choice"
        Choices = [
          { Condition = "{% $looked = 1 and $published %}", Next = "Prepare ${step.title}" },
          { Condition = "{% $looked > 1 and $not($published) %}", Next = "Not yet: ${step.title}" },
          { Condition = "{% $looked < ${length(local._looked_at[step.name])} %}", Next = "Look: ${step.title}" },
        ]
        Default = "Prepare ${step.title}"
      }
      "Not yet: ${step.title}" = {
        Type   = "Pass"
        Assign = { waiting = "{% $waiting & ' ${step.name}' %}" }
        Next   = step.fail
      }
    } if step.kind == "build_mart"
  ]...) }
}
