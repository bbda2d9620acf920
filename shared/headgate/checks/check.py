"""A check, and its result in one run, as every part of Headgate passes them on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Otherwise = Literal["warn", "quarantine", "stop"]
Scope = Literal["row", "batch", "table"]
REFERENCE = "reference"  # the check of a reference between datasets, for which Great Expectations has no expectation


@dataclass(frozen=True)
class Check:
    """One Great Expectations expectation, and what a failure does (`otherwise`).

    `scope` is `row` where the check is compiled to Spark columns and judged in the pass that writes the rows;
    `batch` (rows of this run) or `table` (the table as it would be published) where Great Expectations judges it.
    """

    id: str  # unique within a contract, e.g. `popularity.between`
    expect: str  # snake_case expectation type
    kwargs: Mapping[str, Any]
    otherwise: Otherwise
    scope: Scope
    at_most: float | None = None  # share of rows read that may fail before the gate closes
    mostly: float | None = None  # GX's meaning; only with warn | stop
    reason: str = ""  # the reason that a refused row gets, e.g. `amount: below 0`

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the check looks at, in the order of its arguments."""
        named = [self.kwargs[k] for k in ("column", "column_A", "column_B") if k in self.kwargs]
        return (*named, *self.kwargs.get("column_list", ()))


@dataclass(frozen=True)
class CheckResult:
    """The result of one check in one run; counts are rows, samples are masked where the column is classified."""

    check: Check
    success: bool
    element_count: int | None = None
    missing_count: int | None = None
    unexpected_count: int | None = None
    observed_value: Any = None
    samples: Sequence[Any] = field(default_factory=tuple)
    details: Mapping[str, Any] = field(default_factory=dict)  # GX's own `result`, where GX judged
