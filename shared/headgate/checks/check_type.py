"""A check type: one row of the table of checks. A row that lacks a part fails where it is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from headgate.checks.arguments import ARGUMENT_KINDS
from headgate.checks.families import TAKES

if TYPE_CHECKING:
    from pyspark.sql import Column

Kind = Literal["compiled", "gx", "refused"]
Kwargs = Mapping[str, Any]
Condition = Callable[[Any, Kwargs], "Column"]
"""From `pyspark.sql.functions` and the check's arguments to a boolean column that is false where a row fails.

Bounds, numbers and members of sets in the arguments arrive as Spark literals or floats (`gate/compile.py`).
"""


@dataclass(frozen=True)
class CheckType:
    """One Great Expectations expectation, and what Headgate does with it.

    `compiled` (row level: Spark judges it in the pass that writes the rows), `gx` (table level: Great Expectations
    runs it on the unpublished data) or `refused`. Argument kinds are those of `arguments.py`.
    """

    expect: str
    kind: Kind
    required: Mapping[str, str] = field(default_factory=dict)  # argument -> kind of argument
    optional: Mapping[str, str] = field(default_factory=dict)
    columns: str = "any"  # the columns it can judge: a key of `families.TAKES`
    condition: Condition | None = None  # compiled: true or null for a row that passes
    reason: Callable[[Kwargs], str] | None = None  # compiled: what is wrong with a refused row, after `<column>: `
    judges_missing: bool = False  # compiled: also judges rows without a value
    judges_masked: bool = False  # gx: gives the same answer when the column is masked
    why: str = ""  # refused: why it is not offered
    remedy: str = ""  # refused: what to write instead

    def __post_init__(self) -> None:
        needed = {"compiled": ("condition", "reason"), "gx": (), "refused": ("why", "remedy")}[self.kind]
        absent = [part for part in ("condition", "reason", "why", "remedy") if not getattr(self, part)]
        missing = [part for part in needed if part in absent]
        unused = [part for part in ("condition", "reason", "why", "remedy") if part not in (*needed, *absent)]
        unknown = sorted({*self.arguments.values()} - {*ARGUMENT_KINDS} | {self.columns} - {*TAKES})
        for parts, problem in ((missing, "lacks"), (unused, "does not use"), (unknown, "has an unknown kind")):
            if parts:
                raise ValueError(f"check type `{self.expect}` ({self.kind}) {problem}: {', '.join(parts)}")

    @property
    def arguments(self) -> dict[str, str]:
        """Every argument it takes, with its kind."""
        return {**self.required, **self.optional}
