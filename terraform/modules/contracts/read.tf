# The contracts as they stand in their files, and as the platform reads them: every key present, defaults written out.
# Nothing here names a dataset. A contract is keyed by its file's stem, which must be its dataset.

locals {
  _found = fileset(var.contracts_dir, "**/*.{yaml,yml}")
  # Names that begin with `_` or `.` are not contracts; contract.schema.json is no YAML.
  _files = [for f in local._found : f if !can(regex("^[_.]", basename(f)))]

  _text = { for f in local._files : f => file("${var.contracts_dir}/${f}") }
  _raw  = { for f in local._files : f => yamldecode(local._text[f]) if can(keys(yamldecode(local._text[f]))) }
  _stem = { for f in local._files : f => replace(basename(f), "/\\.ya?ml$/", "") }

  # The defaults of the Python model (shared/headgate/contract/model.py), and the only place where Terraform says them.
  # tests/terraform/test_parity.py compares them, contract by contract.
  _defaults = {
    source_format   = "csv"
    table_format    = "iceberg"
    refine          = "arrival"
    crawler         = "none"
    worker          = "G.1X"
    workers         = 2
    execution       = "standard"
    timeout_min     = 30
    quarantine_days = 90
    runs_days       = 400
  }

  # try() only where the key may be left out, and then the default above; coalesce() where it may also say null.
  _read = {
    for f, c in local._raw : local._stem[f] => {
      file            = f
      dataset         = try(coalesce(tostring(c.dataset)), "")
      domain          = try(coalesce(tostring(c.domain)), "")
      owner           = try(coalesce(tostring(c.owner)), "")
      description     = try(coalesce(tostring(c.description)), "")
      query           = try(coalesce(c.source.query), "")
      is_mart         = can(coalesce(c.source.query))
      path            = try(coalesce(c.source.path), "${try(c.dataset, local._stem[f])}/")
      source_format   = try(coalesce(tostring(c.source.format)), local._defaults.source_format)
      table_format    = try(coalesce(tostring(c.write.format)), local._defaults.table_format)
      partition_by    = try([for p in c.partition_by : tostring(p)], [])
      columns         = try([for col in c.columns : { name = tostring(col.name), type = tostring(col.type), classified = can(coalesce(col.classification)) }], [])
      refine          = try(coalesce(tostring(c.schedule.refine)), local._defaults.refine)
      crawler         = try(coalesce(tostring(c.schedule.crawler)), local._defaults.crawler)
      freshness_hours = try(coalesce(tonumber(c.schedule.freshness_hours)), null)
      worker          = try(coalesce(tostring(c.job.worker)), local._defaults.worker)
      workers         = try(coalesce(tonumber(c.job.workers)), local._defaults.workers)
      execution       = try(coalesce(tostring(c.job.execution)), local._defaults.execution)
      timeout_min     = try(coalesce(tonumber(c.job.timeout_min)), local._defaults.timeout_min)
      quarantine_days = try(coalesce(tonumber(c.retention.quarantine_days)), local._defaults.quarantine_days)
      runs_days       = try(coalesce(tonumber(c.retention.runs_days)), local._defaults.runs_days)
    }...
  }

  # Two files with one stem are refused in faults.tf; the first is read so that the plan can say so.
  contracts = {
    for dataset, c in local._read : dataset => merge(c[0], {
      # The longest part of the path without a wildcard; what arrives below it starts the dataset.
      prefix = can(regex("[*?]", c[0].path)) ? join("", regexall("^(?:[^*?/]*/)*", c[0].path)) : c[0].path
      masked = anytrue(c[0].columns[*].classified)
      reads  = local._reads[dataset]
      depth  = local._depth[dataset]
      step   = c[0].is_mart ? "build_mart" : "refine"
    })
  }

  # What retires: contracts/_retired.yaml with `retired: [name, …]`; see the root's retired.tf.
  _retired_file = "${var.contracts_dir}/_retired.yaml"
  _retired      = fileexists(local._retired_file) ? [for name in yamldecode(file(local._retired_file)).retired : tostring(name)] : []

  # The contracts' content in one line, for the comparison with a release: what `sha256sum` prints for the sorted files.
  _hash = sha256(join("", [for f in sort(local._found) : "${filesha256("${var.contracts_dir}/${f}")}  ${f}\n"]))
}
