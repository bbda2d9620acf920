# Which mart reads which dataset, and in which order marts are built. Terraform has no SQL parser, so a table is any name
# after FROM or JOIN, or in a list of such names, that a contract describes. tests/terraform/test_parity.py compares the
# result with the jobs' parser (shared/headgate/mart/sql.py) for every query in the repository.

locals {
  _marts = { for name, c in local._read : name => c[0] if c[0].is_mart }

  _sql = {
    for name, c in local._marts : name => lower(
      replace(replace(replace(
        fileexists("${var.sql_dir}/${c.query}") ? file("${var.sql_dir}/${c.query}") : "",
      "/--[^\n]*/", " "), "/(?s)/\\*.*?\\*//", " "), "/'[^']*'/", "''")
    )
  }

  # A table, perhaps with its database and an alias; a list of such after FROM or JOIN.
  _table  = "[`a-z0-9_.]+(?:\\s+(?:as\\s+)?[`a-z0-9_]+)?"
  _tables = "\\b(?:from|join)\\s+(${local._table}(?:\\s*,\\s*${local._table})*)"

  # The tables as the query spells them, without aliases.
  _spelt_tables = {
    for name, sql in local._sql : name => flatten([
      for list in regexall(local._tables, sql) : [
        for table in split(",", list[0]) : split(" ", trimspace(replace(table, "/\\s+/", " ")))[0]
      ]
    ])
  }

  # Their own names, without database, backquotes and prefix.
  _named = {
    for name, tables in local._spelt_tables : name => distinct([
      for table in tables : trimprefix(reverse(split(".", replace(table, "`", "")))[0], lower(var.prefix))
    ])
  }

  # A name of a WITH clause is not a table.
  _own = {
    for name, sql in local._sql : name => flatten(regexall("(?:\\bwith|,)\\s+(?:recursive\\s+)?([a-z0-9_]+)\\s+as\\s*\\(", sql))
  }

  _reads = {
    for name, c in local._read : name => [
      for table in lookup(local._named, name, []) : table
      if can(local._read[table]) && table != name && !contains(lookup(local._own, name, []), table)
    ]
  }

  # How many marts lie between a mart and its datasets. Terraform has no recursion, so six levels are written out; faults.tf
  # refuses a deeper mart.
  _d0    = { for name in keys(local._read) : name => contains(keys(local._marts), name) ? 1 : 0 }
  _d1    = { for name, d in local._d0 : name => d == 0 ? 0 : 1 + max(0, [for r in local._reads[name] : local._d0[r]]...) }
  _d2    = { for name, d in local._d0 : name => d == 0 ? 0 : 1 + max(0, [for r in local._reads[name] : local._d1[r]]...) }
  _d3    = { for name, d in local._d0 : name => d == 0 ? 0 : 1 + max(0, [for r in local._reads[name] : local._d2[r]]...) }
  _d4    = { for name, d in local._d0 : name => d == 0 ? 0 : 1 + max(0, [for r in local._reads[name] : local._d3[r]]...) }
  _d5    = { for name, d in local._d0 : name => d == 0 ? 0 : 1 + max(0, [for r in local._reads[name] : local._d4[r]]...) }
  _d6    = { for name, d in local._d0 : name => d == 0 ? 0 : 1 + max(0, [for r in local._reads[name] : local._d5[r]]...) }
  _depth = local._d5

  # Every dataset below a mart, through other marts too.
  _u1    = { for name, reads in local._reads : name => distinct(flatten([for r in reads : [r, local._reads[r]]])) }
  _u2    = { for name, reads in local._u1 : name => distinct(flatten([for r in reads : [r, local._u1[r]]])) }
  _below = { for name, reads in local._u2 : name => distinct(flatten([for r in reads : [r, local._u2[r]]])) }

  # The marts to build after a dataset, in order: those on arrival that read it, however indirectly.
  after = {
    for name, c in local._read : name => [
      for pair in sort([
        for mart, m in local._marts : format("%d %s", local._depth[mart], mart)
        if m.refine == "arrival" && contains(local._below[mart], name)
      ]) : split(" ", pair)[1]
    ] if !c[0].is_mart
  }
}
