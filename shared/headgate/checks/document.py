"""docs/CHECKS.md, written from the table of checks: `python -m headgate.checks.document > docs/CHECKS.md`."""

from __future__ import annotations

from headgate.checks.check_type import CheckType
from headgate.checks.families import TAKES
from headgate.checks.table import CHECKS, GX_VERSION

_HEADING = f"""# Checks

A check is a [Great Expectations](https://greatexpectations.io) expectation by its type and arguments; its
`otherwise` is what a failure does. This page lists every core expectation of Great Expectations {GX_VERSION} and what
Headgate does with it. It is written from the code (`python -m headgate.checks.document`); a test fails when it is
stale, or when Great Expectations gains an expectation that is not listed.

- **compiled**: Spark judges it row by row, in the pass that writes the rows. `otherwise` is `quarantine` (the
  default), `warn` or `stop`. A test compares results and counts with Great Expectations' own on random rows.
- **run by GX**: Great Expectations itself judges the unpublished data, `scope: batch` (the rows of this run, the
  default) or `scope: table` (the table as it would be published). `otherwise` is `stop` (the default) or `warn`.
- **refused**: with the reason, and what to write instead.

A missing value passes every row check but `expect_column_values_to_not_be_null` (the word `required`). An argument
in *italics* may be left out. Arguments that are not listed, such as `row_condition`, `condition_parser` and
`severity`, are refused, never ignored; `mostly` and `at_most` belong beside `expect`, not under `kwargs`.

Some keys of a column are checks, too, such as `required` and `pattern`: [CONTRACTS.md](CONTRACTS.md#column-words)
lists them.
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
    listed = [check_type for _, check_type in sorted(CHECKS.items()) if check_type.kind == kind]
    columns = ("Expectation", "Why", "Instead") if kind == "refused" else ("Expectation", "Arguments", "Columns")
    rows = ["| " + " | ".join(row) + " |" for row in (columns, ("---",) * 3, *map(_row, listed))]
    return f"\n## {title} ({len(listed)})\n\n" + "\n".join(rows) + "\n"


def _row(check_type: CheckType) -> tuple[str, str, str]:
    expect = f"`{check_type.expect}`"
    if check_type.kind == "refused":
        return expect, _cell(check_type.why), _cell(check_type.remedy)
    arguments = [f"`{name}`" for name in check_type.required] + [f"*`{name}`*" for name in check_type.optional]
    return expect, ", ".join(arguments), TAKES[check_type.columns][1]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(table_doc(), end="")
