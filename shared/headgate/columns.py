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

# In the Parquet files of documents (`source.arrive: events`), after the contract's columns and with `FAULTS` (a JSON
# list) and `RAW`, all of them texts: the key of the document, and what no column names, as JSON.
DOCUMENT, REST = "_document", "_rest"

# From `read` to `gate`: the faults that the reader saw, the record's text where it has faults, why the whole file
# cannot be read (on a marker row for the file), and why the record is skipped.
FAULTS, RAW, FILE_FAULT, SKIP = "_faults", "_raw", "_file_fault", "_skip"

# Why a row is skipped: by a word of `source.read`, as a header inside its file, or by `skip_when`.
SKIP_REASONS = COMMENT, SKIP_FROM, SKIP_LAST, REPEATED_HEADER, SKIP_WHEN = (
    "comment", "skip_from", "skip_last", "repeated header", "skip_when")  # fmt: skip

# From `read` to `gate`, the parts of a value whose type is not its column's, one of which is there: the value in the
# column's type, a text that is yet to be typed, or the text of a value that is none of the column's type.
PARTS = GIVEN, AS_TEXT, UNFIT = "_given", "_as_text", "_unfit"

# Inside `gate`: the texts as read (a struct); per column (a prefix and its name) the typed value and whether the text
# is not such a value; and, a bit per check (a prefix and the number of the column of bits), the checks that fail and
# those that consider the row.
CAME, TYPED, FAULT = "_came", "_typed_", "_fault_"
FAILS, CONSIDERS = "_fails_", "_considers_"

# From `gate` to `clean` and the quarantine: the row's verdict, why it was refused, the checks that only warn, the
# texts of the row, and the hash of its record.
VERDICT, REASONS, WARNINGS, VALUES, RECORD = "_verdict", "_reasons", "_warnings", "_values", "_record"
KEPT, REFUSED, SKIPPED, FILE_REFUSED = "kept", "refused", "skipped", "file"  # the verdicts

# From `gate` to `clean`, in datasets with a key: the row's place among those that were read (it rises within a file),
# and whether the row deletes its key.
LINE, DELETES = "_line", "_deletes"

# Inside `gate`, per reference (a prefix and its number): whether the row refers to something that is not there.
ORPHAN = "_orphan_"

# From `clean` to `publish`: how many rows the key had, whether a losing row said something else, how many rows only the
# line decided about, and what the row does to the table.
COPIES, CONTESTED, CONFLICTS, ACTION = "_copies", "_contested", "_conflicts", "_action"
WRITTEN = INSERT, UPDATE, REFRESH = "insert", "update", "refresh"
DELETING = DELETE, GONE = "delete", "gone"
UNCHANGED, LATE = "unchanged", "late"
ACTIONS = (*WRITTEN, UNCHANGED, LATE, *DELETING)
