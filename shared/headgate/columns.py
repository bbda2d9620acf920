"""Every technical column, once: those that are published, and those that rows carry on their way through a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

OBJECT, ARRIVAL, RUN = "_object", "_arrival", "_run"


@dataclass(frozen=True)
class TechnicalColumn:
    """A column that every dataset's table has after the contract's columns; a mart has none.

    `value` makes the column in the gate, from Spark's functions and the run id. `type` is a Spark DDL type.
    """

    name: str
    type: str
    value: Callable[[Any, str], Any]
    meaning: str


# To publish a further column with every row, add its line here; a table that exists gets the column at its next run.
TECHNICAL = (
    TechnicalColumn(OBJECT, "string", lambda functions, run: functions.col(OBJECT), "the row's file, below the source"),
    TechnicalColumn(ARRIVAL, "timestamp", lambda functions, run: functions.col(ARRIVAL), "when that file arrived"),
    TechnicalColumn(RUN, "string", lambda functions, run: functions.lit(run), "the run that wrote the row"),
)


def technical_names() -> list[str]:
    """The names of the technical columns, in the published order."""
    return [column.name for column in TECHNICAL]


# Inside `read`: the file as Spark names it, and the text of a CSV record that does not fit its header.
FILE, MISFIT = "_read_from", "_not_of_this_header"

# From `read` to `gate`: the faults that the reader saw, the record's text where it has faults, and why the whole file
# cannot be read (on one marker row for the file).
FAULTS, RAW, FILE_FAULT = "_faults", "_raw", "_file_fault"

# Inside `gate`: the texts as read (a struct), and per column or check (a prefix and its name or number) the cleaned
# text, the typed value, whether the text is not such a value, and whether the check fails.
CAME, BARE, TYPED, FAULT, FAILS = "_came", "_bare_", "_typed_", "_fault_", "_fails_"

# From `gate` to `clean` and the quarantine: the row's verdict, why it was refused, the checks that only warn, the
# texts of the row, and the hash of its record.
VERDICT, REASONS, WARNINGS, VALUES, RECORD = "_verdict", "_reasons", "_warnings", "_values", "_record"
KEPT, REFUSED, SKIPPED, FILE_REFUSED = "kept", "refused", "skipped", "file"  # the verdicts

# From `clean` to `publish`: how many rows the key had, whether a losing row said something else, and what the row does
# to the table.
COPIES, CONTESTED, ACTION = "_copies", "_contested", "_action"
ACTIONS = INSERT, UPDATE, UNCHANGED, REFRESH, LATE = "insert", "update", "unchanged", "refresh", "late"
DELETE = "delete"
