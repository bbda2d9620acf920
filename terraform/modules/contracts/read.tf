# The contracts as written in their files, and as the platform reads them: with every key and with defaults filled in.
# Nothing here names a dataset. A contract's key in these maps is its file's stem, which must be its dataset.

locals {
  _found = fileset(var.contracts_dir, "**/*.{yaml,yml}")
  # A file whose name begins with `_` or `.` is not a contract.
  _files = [for f in local._found : f if !can(regex("^[_.]", basename(f)))]

  _text = { for f in local._files : f => file("${var.contracts_dir}/${f}") }
  _raw  = { for f in local._files : f => yamldecode(local._text[f]) if can(keys(yamldecode(local._text[f]))) }
  _stem = { for f in local._files : f => replace(basename(f), "/\\.ya?ml$/", "") }

  # The defaults of the Python model (shared/headgate/contract/model.py), and the only place where Terraform has them.
  # tests/terraform/test_parity.py compares them, contract by contract.
  _defaults = {
    source_format   = "csv"
    arrive          = "batch"
    rest            = "keep"
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

  # try() gives the default above where a contract may omit the key; coalesce() does so where the key may be null, too.
  _read = {
    for f, c in local._raw : local._stem[f] => {
      file          = f
      dataset       = try(coalesce(tostring(c.dataset)), "")
      domain        = try(coalesce(tostring(c.domain)), "")
      owner         = try(coalesce(tostring(c.owner)), "")
      description   = try(coalesce(tostring(c.description)), "")
      query         = try(coalesce(c.source.query), "")
      is_mart       = can(coalesce(c.source.query))
      path          = try(coalesce(c.source.path), "${try(c.dataset, local._stem[f])}/")
      source_format = try(coalesce(tostring(c.source.format)), local._defaults.source_format)
      arrive        = try(coalesce(tostring(c.source.arrive)), local._defaults.arrive)
      rest          = try(coalesce(tostring(c.source.rest)), local._defaults.rest)
      table_format  = try(coalesce(tostring(c.write.format)), local._defaults.table_format)
      warehouse     = try(coalesce(tobool(c.serving.warehouse)), false)
      refers        = try(distinct([for reference in c.references : tostring(reference.to) if reference.to != c.dataset]), [])
      partition_by  = try([for p in c.partition_by : tostring(p)], [])
      columns = try([for column in c.columns : {
        name           = tostring(column.name)
        type           = tostring(column.type)
        classified     = can(coalesce(column.classification))
        classification = try(coalesce(tostring(column.classification)), "none")
      } if try(coalesce(column.publish), true)], [])
      # The columns that files have, with those that are not published.
      raw_columns = try([for column in c.columns : {
        name = tostring(column.name)
        type = lower(replace(tostring(column.type), " ", ""))
      } if !can(coalesce(column.derived))], [])
      # Every word by which SQL could name a classified column in raw files: of its names there, of the path to it in JSON, and
      # of the expression that derives it.
      classified_words = try(distinct(flatten([for column in c.columns : [
        for text in concat([tostring(column.name), try(tostring(column.source), ""), try(tostring(column.derived), "")],
        try([for alias in column.aliases : tostring(alias)], [])) : regexall("[a-z0-9_]+", lower(text))
      ] if can(coalesce(column.classification))])), [])
      # Masking domains, also of columns that are not published: those are masked in the quarantine.
      domains = try(sort(distinct([
        for column in c.columns : tostring(column.classification) if can(coalesce(column.classification))
      ])), [])
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

  # faults.tf refuses two files with one stem; the first is read here so that the plan gets that far.
  contracts = {
    for dataset, c in local._read : dataset => merge(c[0], {
      # The longest part of the path without a wildcard; files that arrive below it start the dataset.
      prefix = can(regex("[*?]", c[0].path)) ? join("", regexall("^(?:[^*?/]*/)*", c[0].path)) : c[0].path
      # Below staging: where JSON documents arrive as events; null for files that lie at the path.
      incoming = c[0].arrive == "events" ? "incoming/${dataset}/" : null
      has_rest = c[0].arrive == "events" && c[0].rest == "keep"
      masked   = length(c[0].domains) > 0
      reads    = local._reads[dataset]
      depth    = local._depth[dataset]
      step     = c[0].is_mart ? "build_mart" : "refine"
      # AWS allows only these characters in a tag.
      tags = { Dataset = dataset, Domain = c[0].domain, Owner = replace(c[0].owner, "/[^\\p{L}\\p{N} _.:/=+@-]/", "_") }
    })
  }

  # The retired datasets: contracts/_retired.yaml with `retired: [name, …]`; see the root's retired.tf.
  _retired_file = "${var.contracts_dir}/_retired.yaml"
  _retired      = fileexists(local._retired_file) ? [for name in yamldecode(file(local._retired_file)).retired : tostring(name)] : []

  # One hash of all contracts, to compare with a release: the hash of what `sha256sum` prints for the sorted files.
  _hash = sha256(join("", [for f in sort(local._found) : "${filesha256("${var.contracts_dir}/${f}")}  ${f}\n"]))
}
