# What stops the plan. Each fault quotes file and value, and all of them are shown at once. `headgate check` finds more;
# these are the faults that would otherwise become infrastructure.

locals {
  # A key that is not listed here would otherwise be ignored, and its default used.
  _known = {
    source = [
      "path", "format", "read", "null_texts", "from_path", "members", "sentinels", "records", "explode", "arrive",
      "rest", "ignore", "unreadable", "query", "joins"
    ]
    write     = ["mode", "format", "on_vanish", "merge_on_read"]
    schedule  = ["refine", "crawler", "freshness_hours"]
    job       = ["worker", "workers", "execution", "timeout_min"]
    retention = ["quarantine_days", "runs_days"]
  }
  _known_top = [
    "dataset", "domain", "owner", "description", "source", "columns", "key", "order", "skip_when", "checks", "at_most",
    "at_most_per_file", "on_conflict", "distinct", "delete_when", "allow_empty", "write", "partition_by",
    "schema_change", "retention", "schedule", "job", "serving", "references",
  ]

  _may_be_null = [
    "source.path", "source.from_path", "source.members", "source.records", "source.query", "write.mode",
    "schedule.freshness_hours"
  ]
  # Of these four another fault reports the missing value.
  _required = ["dataset", "domain", "owner", "description"]

  _words = {
    source_format = ["csv", "json", "parquet"]
    arrive        = ["batch", "events"]
    rest          = ["keep", "drop"]
    table_format  = ["iceberg", "parquet"]
    crawler       = ["none", "daily", "weekly"]
    worker        = ["G.1X", "G.2X", "G.4X", "G.8X"]
    execution     = ["standard", "flex"]
  }
  _spelt = {
    source_format = "source.format"
    arrive        = "source.arrive"
    rest          = "source.rest"
    table_format  = "write.format"
    crawler       = "schedule.crawler"
    worker        = "worker type"
    execution     = "job.execution"
  }
  _schedule_pattern = "^(arrival|daily ([01][0-9]|2[0-3]):[0-5][0-9] UTC|weekly)$"

  _numbers = flatten([for part, keys in {
    job       = { workers = [2, 100], timeout_min = [1, 2880] }
    schedule  = { freshness_hours = [1] }
    retention = { quarantine_days = [1], runs_days = [1] }
    } : [for key, limits in keys : {
      part  = part
      key   = key
      least = limits[0]
      most  = try(limits[1], null)
      range = length(limits) == 1 ? "of at least ${limits[0]}" : "from ${join(" to ", limits)}"
  }]])

  # A partition by column, or by a transform of one: years(x), bucket(8, x).
  _transform = "^(?:(?:years|months|days|hours)\\((\\w+)\\)|(?:bucket|truncate)\\(\\s*[0-9]+\\s*,\\s*(\\w+)\\s*\\)|(\\w+))$"
  _partition_columns = {
    for name, c in local._read : name => {
      for partition in c[0].partition_by : partition => join("", compact(try(regex(local._transform, trimspace(partition)), [])))
    }
  }

  _each = flatten([for name, contracts in local._read : [for c in contracts : merge(c, { stem = name })]])

  faults = concat(
    [
      for folder in [var.contracts_dir] : join(" ", [
        "${folder}: contains no contract. To Terraform a misspelt folder is an empty one,",
        "and an empty one would remove every dataset. Correct contracts_dir.",
      ]) if length(local._files) == 0
    ],
    [
      for f in local._files :
      "${f}: is not readable YAML, or not a mapping. Run `headgate check`; it names the line."
      if !can(keys(yamldecode(local._text[f])))
    ],
    [
      for stem, c in local._read :
      "${join(", ", c[*].file)}: both are the contract of `${stem}`. Keep one."
      if length(c) > 1
    ],
    [
      for c in local._each :
      "${c.file}: dataset `${c.dataset}` is not the file's name `${c.stem}`. Rename the file or the dataset."
      if c.dataset != c.stem
    ],
    [
      for c in local._each :
      "${c.file}: dataset `${c.stem}` is not a name (^[a-z][a-z0-9_]{0,39}$)."
      if !can(regex("^[a-z][a-z0-9_]{0,39}$", c.stem))
    ],
    flatten([for c in local._each : [
      for key in ["domain", "owner", "description"] : "${c.file}: `${key}` is missing." if c[key] == ""
    ]]),
    [
      for c in local._each :
      "${c.file}: `columns` is missing, or a column lacks its name or type."
      if length(c.columns) == 0
    ],
    flatten([for f, c in local._raw : [
      for key in keys(c) : "${f}: `${key}` is not a key of a contract." if !contains(local._known_top, key)
    ]]),
    flatten([for f, c in local._raw : [for part, known in local._known : [
      for key in try(keys(c[part]), []) :
      "${f}: `${part}.${key}` is not a key of a contract. Known are ${join(", ", known)}."
      if !contains(known, key)
    ]]]),
    flatten([for f, c in local._raw : [
      for key, value in c :
      "${f}: `${key}` has no value. Give it one, or remove the key."
      if value == null && key != "skip_when" && !contains(local._required, key)
    ]]),
    flatten([for f, c in local._raw : [for part in keys(local._known) : [
      for key, value in try(coalesce(c[part]), {}) :
      "${f}: `${part}.${key}` has no value. Give it one, or remove the key."
      if value == null && !contains(local._may_be_null, "${part}.${key}")
    ]]]),
    flatten([for c in local._each : [
      for key, words in local._words :
      "${c.file}: ${local._spelt[key]} `${c[key]}` is not known. Use ${join(", ", words)}."
      if !contains(words, c[key])
    ]]),
    [
      for c in local._each :
      "${c.file}: job.execution flex goes with G.1X or G.2X, and the worker is `${c.worker}`. Use standard, or a smaller worker."
      if c.execution == "flex" && !contains(["G.1X", "G.2X"], c.worker)
    ],
    [
      for c in local._each :
      "${c.file}: schedule.refine `${c.refine}` is not known. Use arrival, daily HH:MM UTC, or weekly."
      if !can(regex(local._schedule_pattern, c.refine))
    ],
    flatten([for f, c in local._raw : [
      for n in local._numbers :
      "${f}: ${n.part}.${n.key} `${try(tostring(c[n.part][n.key]), jsonencode(c[n.part][n.key]))}` is not a number ${n.range}."
      if can(coalesce(c[n.part][n.key])) && !try(
        c[n.part][n.key] >= n.least && c[n.part][n.key] <= coalesce(n.most, c[n.part][n.key]), false
      )
    ]]),
    flatten([for c in local._each : [
      for partition, column in local._partition_columns[c.stem] :
      "${c.file}: partition_by `${partition}` names no column. Columns are ${join(", ", c.columns[*].name)}."
      if !contains(c.columns[*].name, column)
    ]]),
    [
      for c in local._marts :
      "${c.file}: there is no query `${c.query}` in ${var.sql_dir}."
      if !fileexists("${var.sql_dir}/${c.query}")
    ],
    [
      for c in local._each :
      "${c.file}: source.path `${c.path}` leaves staging. Write a folder or glob below it."
      if !c.is_mart && can(regex("^/|\\.\\./|://", c.path))
    ],
    [
      for c in local._each :
      "${c.file}: source.arrive `${c.arrive}` needs documents of JSON. Set `format: json`, or remove it."
      if c.arrive == "events" && c.source_format != "json"
    ],
    [
      for c in local._each :
      "${c.file}: source.path `${c.path}` must be a folder (with its slash) outside `incoming/`: documents become Parquet files in it."
      if c.arrive == "events" && can(regex("[*?]|[^/]$|^incoming/", c.path))
    ],
    [
      for name, c in local._marts :
      "${c.file}: mart `${name}` reads marts more than five levels deep, or reads itself through others."
      if local._d6[name] > 5
    ],
    [
      for name in local._retired :
      "${local._retired_file}: `${name}` is retired, but still has the contract ${local._read[name][0].file}. Remove one of the two."
      if contains(keys(local._read), name)
    ],
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
