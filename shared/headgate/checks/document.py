"""docs/CHECKS.md, written from the catalogue: `python -m headgate.checks.document > docs/CHECKS.md`."""

from __future__ import annotations

from headgate.checks.catalogue import CATALOGUE, GX_VERSION, Entry

_HEADING = f"""# Checks

A check is a [Great Expectations](https://greatexpectations.io) expectation by its type and arguments, with a verdict.
This page lists every core expectation of Great Expectations {GX_VERSION} and what Headgate does with it. It is written
from the code (`python -m headgate.checks.document`); a test fails when it is stale, or when Great Expectations gains
an expectation that is not listed.

- **compiled**: judged row by row as Spark columns, in the pass that writes the rows. `otherwise` is `quarantine` (the
  default), `warn` or `stop`. A test holds verdicts and counts against Great Expectations' own on random rows.
- **run by GX**: Great Expectations itself judges the unpublished data, `scope: batch` (the rows of this run, the
  default) or `scope: table` (the table as it would be published). `otherwise` is `stop` (the default) or `warn`.
- **refused**: with the reason, and what to write instead.

A missing value passes every row check but `expect_column_values_to_not_be_null` (the word `required`). An argument
in *italics* may be left out. `row_condition`, `condition_parser`, `severity` and whatever else is not listed is
refused, never ignored; `mostly` and `at_most` stand beside `expect`, not under `kwargs`.

The words of a column are checks, too: `required`, `minimum`, `maximum`, `pattern`, `enum`, `min_length` and
`max_length` are row checks, `unique` is run by GX on the table.
"""

_SECTIONS = (
    ("compiled", "Compiled"),
    ("gx", "Run by Great Expectations"),
    ("refused", "Refused"),
)


def table_doc() -> str:
    """The whole page as Markdown."""
    return _HEADING + "".join(_section(kind, title) for kind, title in _SECTIONS)


def _section(kind: str, title: str) -> str:
    entries = [entry for entry in CATALOGUE.values() if entry.kind == kind]
    columns = ("Expectation", "Why", "Instead") if kind == "refused" else ("Expectation", "Arguments", "Columns")
    rows = ["| " + " | ".join(row) + " |" for row in (columns, ("---",) * 3, *map(_row, entries))]
    return f"\n## {title} ({len(entries)})\n\n" + "\n".join(rows) + "\n"


def _row(entry: Entry) -> tuple[str, str, str]:
    if entry.kind == "refused":
        return f"`{entry.expect}`", _cell(entry.reason), _cell(entry.remedy)
    arguments = [f"`{name}`" for name in entry.required] + [f"*`{name}`*" for name in entry.optional]
    return f"`{entry.expect}`", ", ".join(arguments), _COLUMNS[entry.columns]


_COLUMNS = {
    "any": "any",
    "scalar": "numbers, texts, dates, booleans",
    "bounded": "numbers, texts, dates",
    "ordered": "numbers, dates",
    "number": "numbers",
    "text": "texts",
}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(table_doc(), end="")
