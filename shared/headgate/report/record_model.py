"""The run record: what `runs/<run id>/run.json` holds. The model is the schema; docs/RUN_RECORD.md is written from it.

Keys may be added within a format; a key that changes its meaning or goes away makes a new `FORMAT`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from headgate.checks.check import Otherwise, Scope
from headgate.outcome import Status
from headgate.report.facts import Host

FORMAT = 1
RunVerdict = Literal["unchanged", "planned", "published", "closed", "failed"]
Effect = Literal["held", "warned", "quarantined", "closed"]
Rows = int | None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Problem(_Part):
    """What went wrong."""

    kind: str = Field(default="", description="The error's kind: `GateClosed`, `RunFailed`, `UnusableContract`.")
    what: str = Field(description="What is wrong.")
    where: str = Field(default="", description="The dataset, file or key it is about.")
    remedy: str = Field(default="", description="What to do next.")


class Options(_Part):
    """What the run was asked."""

    datasets: list[str] = Field(description="The datasets that were named; empty when all were meant.")
    full: bool = Field(description="`--full`: tables were rebuilt from staging.")
    dry_run: bool = Field(description="`--dry-run`: nothing was written.")
    contracts: str = Field(description="Where the contracts were read.")
    source: str = Field(description="Where staging lies.")
    lake: str = Field(description="Where the lake lies; the paths of this record are below it.")


class Part(_Part):
    """One part of a sum."""

    name: str = Field(description="The count's name.")
    rows: Rows = Field(description="The count; null when the run ended before it was counted.")
    sign: Literal["+", "-"] = Field(description="Whether it is added or taken away.")


class Equation(_Part):
    """A sum of rows that must hold."""

    total: str = Field(description="The name of the count on the left.")
    rows: Rows = Field(description="That count.")
    parts: list[Part] = Field(description="The counts on the right, each counted for itself.")
    sum: Rows = Field(description="What the parts come to; null when one of them was not counted.")
    holds: bool | None = Field(description="Whether both sides are equal; null when the run ended before all counts.")
    text: str = Field(description="The equation written out.")


class Equations(_Part):
    """The sums that every run holds."""

    input: Equation = Field(description="`read = published + superseded + skipped + quarantined`.")
    published: Equation = Field(description="`published = inserted + updated + unchanged`.")
    table: Equation = Field(description="`rows_after = rows_before + inserted - removed`.")


class CheckRecord(_Part):
    """One check and what came of it."""

    id: str = Field(description="Its name in the contract: `popularity.between`.")
    expectation: str = Field(description="The Great Expectations type; `type` is the column's own type.")
    kwargs: dict[str, Any] = Field(description="The expectation's arguments.")
    otherwise: Otherwise = Field(description="The verdict on what fails.")
    scope: Scope = Field(description="What was judged: each `row`, the rows of this run (`batch`), the whole `table`.")
    at_most: float | None = Field(description="Share of the rows read that may fail before the gate closes.")
    mostly: float | None = Field(description="Share of the judged rows that must hold, as in Great Expectations.")
    reason: str = Field(description="What a quarantined row is told.")
    success: bool = Field(description="Whether the expectation held.")
    effect: Effect = Field(description="What it did: it held, warned, sent rows to quarantine, or closed the gate.")
    element_count: Rows = Field(description="Rows looked at.")
    missing_count: Rows = Field(description="Rows without a value, which are not judged.")
    unexpected_count: Rows = Field(description="Rows that failed.")
    unexpected_percent: float | None = Field(description="Failed rows per hundred judged; null when none was judged.")
    observed_value: Any = Field(default=None, description="What was seen, where a single value was judged.")
    samples: list[Any] = Field(description="Up to 20 values that failed; those of classified columns are masked.")


class RefusedFile(_Part):
    """A file that was not taken."""

    path: str = Field(description="Its path below staging.")
    bytes: int = Field(description="Its size.")
    reason: str = Field(description="Why none of it was read.")


class Objects(_Part):
    """The source's files as the run met them."""

    found: int | None = Field(default=None, description="Files that the contract's path matches.")
    read: int | None = Field(default=None, description="Of these, files that were new or changed, and were read.")
    bytes: int | None = Field(default=None, description="The size of the files read.")
    rewritten: int | None = Field(default=None, description="Files of which another version was published before.")
    gone: int | None = Field(default=None, description="Files that were read once and are no longer there.")
    refused: list[RefusedFile] = Field(default=[], description="Files refused whole.")
    planned: list[str] = Field(default=[], description="Files that a run would read (`--dry-run`).")
    sources: dict[str, Any] = Field(
        default={}, description="Of a mart: each published table it was made of, by snapshot."
    )
    further: dict[str, Any] = Field(default={}, description="What else was noted of the source.")


class ContractRecord(_Part):
    """The contract that the run worked by."""

    file: str = Field(description="The file it was read from.")
    hash: str = Field(description="SHA-256 of its meaning.")
    owner: str = Field(description="Whom to ask.")
    description: str = Field(description="What one row is.")
    mode: str = Field(description="How rows become a table.")
    at_most: float = Field(description="Share of the rows read that may be quarantined before the gate closes.")


class DatasetRecord(_Part):
    """What the run did to one dataset or mart. Counts are rows; null when the run ended before they were counted."""

    kind: Literal["dataset", "mart"] = Field(description="Whether files were read, or published tables.")
    status: Status = Field(description="How it ended.")
    reason: str | None = Field(description="Why it ended so.")
    read: Rows = Field(description="Rows read from the source.")
    published: Rows = Field(
        description="Rows that went into the table. When the status is `closed` or `failed`: rows that were ready, "
        "of which none was published."
    )
    superseded: Rows = Field(description="Rows that lost to a newer row of their key.")
    skipped: Rows = Field(description="Rows that the contract's `skip_when` names.")
    quarantined: Rows = Field(description="Rows refused, with their reasons.")
    inserted: Rows = Field(description="Published rows that the table did not have.")
    updated: Rows = Field(description="Published rows that replaced an older one of their key.")
    unchanged: Rows = Field(description="Published rows that the table had already.")
    removed: Rows = Field(description="Rows that left the table.")
    rows_before: Rows = Field(description="Rows of the table before the run.")
    rows_after: Rows = Field(description="Rows of the table after it.")
    vanished: Rows = Field(description="Keys that a rewritten file no longer holds (`on_vanish`).")
    files_refused: int = Field(description="Files refused whole.")
    equations: Equations = Field(description="The sums, written out, and whether they hold.")
    checks: list[CheckRecord] = Field(description="Every check that was judged, in the order of the contract.")
    objects: Objects = Field(description="The source's files.")
    drift: dict[str, Any] = Field(description="What was odd about files that were read all the same.")
    seconds: dict[str, float] = Field(description="Seconds by step.")
    ledger: str | None = Field(description="The ledger file that the published table points at.")
    version: str | None = Field(description="The table's snapshot after the run.")
    error: Problem | None = Field(description="The error that ended it.")
    notes: list[str] = Field(description="What is worth knowing and stopped nothing.")
    contract: ContractRecord | None = Field(description="The contract, as far as the record needs it.")
    gx_result: str | None = Field(description="Great Expectations' result document; null when nothing was judged.")
    quarantine: str | None = Field(description="The folder with the refused rows; null when there are none.")
    report: str = Field(description="The page for people.")


class RunRecord(_Part):
    """One run."""

    format: Literal[1] = Field(description="The version of this form.")
    run_id: str = Field(description="The run's name, unique in the lake.")
    verdict: RunVerdict = Field(
        description="The worst that happened: `failed`, `closed`, `published`, `planned` (a dry run), `unchanged`."
    )
    started: datetime = Field(description="When it began, UTC.")
    finished: datetime = Field(description="When it ended, UTC.")
    seconds: float = Field(description="How long it took.")
    host: Host = Field(description="Where it ran.")
    command: str = Field(description="The command, as it was typed.")
    options: Options = Field(description="What it was asked.")
    versions: dict[str, str] = Field(description="The versions of what it ran on.")
    error: Problem | None = Field(description="What ended the run outside of any dataset.")
    datasets: dict[str, DatasetRecord] = Field(description="Every dataset and mart, by name, in the order they ran.")
