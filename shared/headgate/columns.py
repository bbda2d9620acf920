"""Every technical column, once: those that are published, and those that rows carry on their way through a run."""

from __future__ import annotations

# Published with every dataset's rows (a mart has none): where a row came from, when it arrived, which run wrote it.
OBJECT, ARRIVAL, RUN = "_object", "_arrival", "_run"
TECHNICAL = (OBJECT, ARRIVAL, RUN)

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
