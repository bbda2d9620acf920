# The raw rows with types: `<table>_typed`, a view in Athena's own form (a table of the catalog whose text is Presto's JSON).
# What is not of its type is null there, and in the raw table still a text; only refine judges. Nested values stay JSON text.

locals {
  # By the first word of the contract's type: the type in Athena, and in the catalog's own words.
  _types = {
    boolean       = ["boolean", "boolean"]
    tinyint       = ["tinyint", "tinyint"]
    smallint      = ["smallint", "smallint"]
    int           = ["integer", "int"]
    bigint        = ["bigint", "bigint"]
    float         = ["real", "float"]
    double        = ["double", "double"]
    date          = ["date", "date"]
    timestamp     = ["timestamp(3)", "timestamp"]
    timestamp_ntz = ["timestamp(3)", "timestamp"]
  }
  _text = ["varchar", "string"]

  # A moment is ISO 8601 (with its zone, shown in UTC), or the seconds or milliseconds since 1970.
  _moment = join(" ", [
    "COALESCE(TRY_CAST(%[1]s AS timestamp(3)), CAST(COALESCE(TRY(from_iso8601_timestamp(%[1]s)), CASE",
    "WHEN regexp_like(%[1]s, '^-?[0-9]{9,10}$') THEN from_unixtime(TRY_CAST(%[1]s AS bigint))",
    "WHEN regexp_like(%[1]s, '^-?[0-9]{12,13}$') THEN from_unixtime(TRY_CAST(%[1]s AS bigint) / 1e3)",
    "END) AT TIME ZONE 'UTC' AS timestamp(3))) AS %[1]s",
  ])

  _views = {
    for dataset, c in var.contracts : dataset => [
      for column in c.columns : merge(column, {
        quoted = "\"${column.name}\""
        type   = startswith(column.type, "decimal(") ? [column.type, column.type] : lookup(local._types, column.type, local._text)
      })
    ]
  }
  _selected = {
    for dataset, columns in local._views : dataset => [
      for c in columns : (
        c.type == local._text ? c.quoted
        : c.type[0] == "timestamp(3)" ? format(local._moment, c.quoted)
        : "TRY_CAST(${c.quoted} AS ${c.type[0]}) AS ${c.quoted}"
      )
    ]
  }
}

resource "aws_glue_catalog_table" "typed" {
  for_each = local._views

  database_name = var.catalog.staging_database
  name          = "${var.catalog.prefix}${each.key}_typed"
  table_type    = "VIRTUAL_VIEW"
  parameters    = { presto_view = "true", comment = "Presto View" }

  view_expanded_text = "/* Presto View */"
  view_original_text = format("/* Presto View: %s */", base64encode(jsonencode({
    originalSql = join(" ", [
      "SELECT ${join(", ", concat(local._selected[each.key], ["\"_document\""]))}",
      "FROM \"${var.catalog.staging_database}\".\"${var.catalog.prefix}${each.key}\"",
    ])
    catalog = "awsdatacatalog"
    schema  = var.catalog.staging_database
    columns = concat([for c in each.value : { name = c.name, type = c.type[0] }], [{ name = "_document", type = "varchar" }])
  })))

  storage_descriptor {
    ser_de_info { # a view has no files; Athena and Trino want one nevertheless
      name = "view"
    }

    dynamic "columns" {
      for_each = concat([for c in each.value : { name = c.name, type = c.type[1] }], [{ name = "_document", type = "string" }])

      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }
}
