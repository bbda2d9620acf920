# What stops the plan. Each fault quotes file and value, and all of them are shown at once. `headgate check` says more;
# these are the ones that would otherwise become infrastructure.

locals {
  # A key that Terraform reads and does not know would otherwise become a default.
  _known = {
    source    = ["path", "format", "read", "null_texts", "records", "explode", "ignore", "unreadable", "query", "joins"]
    write     = ["mode", "format", "on_vanish"]
    schedule  = ["refine", "crawler", "freshness_hours"]
    job       = ["worker", "workers", "execution", "timeout_min"]
    retention = ["quarantine_days", "runs_days"]
  }
  _known_top = ["dataset", "domain", "owner", "description", "source", "columns", "key", "order", "skip_when", "checks", "at_most", "allow_empty", "write", "partition_by", "schema_change", "retention", "schedule", "job", "serving"]

  _may_be_null = ["source.path", "source.records", "source.query", "write.mode", "schedule.freshness_hours"]

  _words = {
    source_format = ["csv", "json", "parquet"]
    table_format  = ["iceberg", "parquet"]
    crawler       = ["none", "daily", "weekly"]
    worker        = ["G.1X", "G.2X", "G.4X", "G.8X"]
    execution     = ["standard", "flex"]
  }
  _spelt            = { source_format = "source.format", table_format = "write.format", crawler = "schedule.crawler", worker = "worker type", execution = "job.execution" }
  _schedule_pattern = "^(arrival|daily ([01][0-9]|2[0-3]):[0-5][0-9] UTC|weekly)$"

  _partition_columns = {
    for name, c in local._read : name => {
      for p in c[0].partition_by : p => join("", compact(try(
        regex("^(?:(?:years|months|days|hours)\\((\\w+)\\)|(?:bucket|truncate)\\(\\s*[0-9]+\\s*,\\s*(\\w+)\\s*\\)|(\\w+))$", trimspace(p)), []
      )))
    }
  }

  _each = flatten([for name, c in local._read : [for one in c : merge(one, { stem = name })]])

  faults = concat(
    length(local._files) == 0 ? ["${var.contracts_dir}: holds no contract. fileset() of a misspelt folder is empty, not an error, and an empty factory plans the removal of every dataset. Correct contracts_dir."] : [],
    [for f in local._files : "${f}: is not readable YAML, or holds no mapping. Run `headgate check`; it names the line." if !can(keys(yamldecode(local._text[f])))],
    [for stem, c in local._read : "${join(", ", c[*].file)}: both are the contract of `${stem}`. Keep one." if length(c) > 1],
    [for c in local._each : "${c.file}: dataset `${c.dataset}` is not the file's name `${c.stem}`. Rename the file or the dataset." if c.dataset != c.stem],
    [for c in local._each : "${c.file}: dataset `${c.stem}` is not a name (^[a-z][a-z0-9_]{0,39}$)." if !can(regex("^[a-z][a-z0-9_]{0,39}$", c.stem))],
    flatten([for c in local._each : [
      for key in ["domain", "owner", "description"] : "${c.file}: `${key}` is missing." if c[key] == ""
    ]]),
    [for c in local._each : "${c.file}: `columns` is missing, or a column lacks its name or type." if length(c.columns) == 0],
    flatten([for f, c in local._raw : [
      for key in keys(c) : "${f}: `${key}` is not a key of a contract." if !contains(local._known_top, key)
    ]]),
    flatten([for f, c in local._raw : [for part, known in local._known : [
      for key in try(keys(c[part]), []) : "${f}: `${part}.${key}` is not a key of a contract. Known are ${join(", ", known)}." if !contains(known, key)
    ]]]),
    flatten([for f, c in local._raw : concat(
      [for key, said in c : "${f}: `${key}` says nothing. Give it a value, or remove it." if said == null && key != "skip_when" && !contains(["dataset", "domain", "owner", "description"], key)],
      flatten([for part in keys(local._known) : [for key, said in try(coalesce(c[part]), {}) :
        "${f}: `${part}.${key}` says nothing. Give it a value, or remove it." if said == null && !contains(local._may_be_null, "${part}.${key}")
      ]]),
    )]),
    flatten([for c in local._each : [for key, words in local._words :
      "${c.file}: ${local._spelt[key]} `${c[key]}` is not known. Use ${join(", ", words)}." if !contains(words, c[key])
    ]]),
    [for c in local._each : "${c.file}: schedule.refine `${c.refine}` is not known. Use arrival, daily HH:MM UTC, or weekly." if !can(regex(local._schedule_pattern, c.refine))],
    [for f, c in local._raw : "${f}: job.workers `${try(c.job.workers, "")}` is not a number from 2 to 100." if can(c.job.workers) && !try(c.job.workers >= 2 && c.job.workers <= 100, false)],
    [for f, c in local._raw : "${f}: job.timeout_min `${try(c.job.timeout_min, "")}` is not a number from 1 to 2880." if can(c.job.timeout_min) && !try(c.job.timeout_min >= 1 && c.job.timeout_min <= 2880, false)],
    [for f, c in local._raw : "${f}: schedule.freshness_hours `${try(c.schedule.freshness_hours, "")}` is not a number of at least 1." if can(coalesce(c.schedule.freshness_hours)) && !try(c.schedule.freshness_hours >= 1, false)],
    flatten([for f, c in local._raw : [for key in ["quarantine_days", "runs_days"] :
      "${f}: retention.${key} `${try(c.retention[key], "")}` is not a number of at least 1." if can(c.retention[key]) && !try(c.retention[key] >= 1, false)
    ]]),
    flatten([for c in local._each : [for p, column in local._partition_columns[c.stem] :
      "${c.file}: partition_by `${p}` names no column. Columns are ${join(", ", c.columns[*].name)}." if !contains(c.columns[*].name, column)
    ]]),
    [for c in local._marts : "${c.file}: there is no query `${c.query}` in ${var.sql_dir}." if !fileexists("${var.sql_dir}/${c.query}")],
    [for c in local._each : "${c.file}: source.path `${c.path}` leaves staging. Write a folder or glob below it." if !c.is_mart && can(regex("^/|\\.\\./|://", c.path))],
    [for name, c in local._marts : "${c.file}: mart `${name}` stands on marts more than five deep, or reads itself through others." if local._d6[name] > 5],
    [for name in local._retired : "${local._retired_file}: `${name}` is retired and still has the contract ${local._read[name][0].file}. Remove one of the two." if contains(keys(local._read), name)],
  )
}

resource "terraform_data" "contracts" {
  input = local._hash

  lifecycle {
    precondition {
      condition     = length(local.faults) == 0
      error_message = join("\n", local.faults)
    }
  }
}
