"""The content of `runs/<run id>/run.json`; docs/RUN_RECORD.md and its JSON Schema are written from these models.

Within a format, keys may be added. A key that is renamed, removed or changes its meaning needs a new `FORMAT`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from headgate.checks.check import Otherwise, Scope
from headgate.outcome import Status
from headgate.report.facts import Host

FORMAT = 2
RunStatus = Literal["unchanged", "planned", "published", "closed", "failed", "stopped"]
Effect = Literal["passed", "warned", "quarantined", "closed"]
Rows = int | None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Problem(_Part):
    """What went wrong."""

    kind: str = Field(default="", description="The error's kind: `GateClosed`, `RunFailed`, `UnusableContract`.")
    what: str = Field(description="What is wrong.")
    where: str = Field(default="", description="The dataset, file or key that it concerns.")
    remedy: str = Field(default="", description="What to do next.")


class Options(_Part):
    """The options that the run was started with."""

    datasets: list[str] = Field(description="The datasets that were named; empty for all.")
    full: bool = Field(description="`--full`: tables were rebuilt from staging.")
    dry_run: bool = Field(description="`--dry-run`: nothing was written.")
    contracts: str = Field(description="The folder of the contracts.")
    source: str = Field(description="The address of staging.")
    lake: str = Field(description="The address of the lake; the paths in this record are below it.")


class Part(_Part):
    """One count on the right of an equation."""

    name: str = Field(description="The count's name.")
    rows: Rows = Field(description="The count; null when the run ended before it was counted.")
    sign: Literal["+", "-"] = Field(description="Whether it is added or subtracted.")


class Equation(_Part):
    """A sum of rows that must be right."""

    total: str = Field(description="The name of the count on the left.")
    rows: Rows = Field(description="That count.")
    parts: list[Part] = Field(description="The counts on the right, each counted separately.")
    sum: Rows = Field(description="The sum of the parts; null when one of them was not counted.")
    holds: bool | None = Field(description="Whether both sides are equal; null when a count is missing.")
    text: str = Field(description="The equation with its numbers, as text.")


class Equations(_Part):
    """The sums of rows that every run checks."""

    input: Equation = Field(
        description="`read = published + superseded + skipped + quarantined`, and `+ deleted` where rows were."
    )
    published: Equation = Field(description="`published = inserted + updated + unchanged`.")
    table: Equation = Field(description="`rows_after = rows_before + inserted - removed`.")


class CheckRecord(_Part):
    """One check and its result."""

    id: str = Field(description="Its name in the contract: `popularity.between`.")
    expectation: str = Field(description="The Great Expectations type; `type` is the column's own type.")
    kwargs: dict[str, Any] = Field(description="The expectation's arguments.")
    otherwise: Otherwise = Field(description="What happens to rows that fail, or to the run: see docs/CHECKS.md.")
    scope: Scope = Field(description="What it judges: each `row`, this run's rows (`batch`), or the whole `table`.")
    at_most: float | None = Field(description="Share of the rows read that may fail before the gate closes.")
    mostly: float | None = Field(description="Share of the judged rows that must pass, as in Great Expectations.")
    reason: str = Field(description="The reason that is kept with a quarantined row.")
    success: bool = Field(description="Whether the expectation was met.")
    effect: Effect = Field(description="What it did: it passed, warned, sent rows to quarantine, or closed the gate.")
    element_count: Rows = Field(description="Rows that were checked.")
    missing_count: Rows = Field(description="Rows without a value, which are not judged.")
    unexpected_count: Rows = Field(description="Rows that failed.")
    unexpected_percent: float | None = Field(description="Failed rows per hundred judged; null when none was judged.")
    observed_value: Any = Field(
        default=None, description="The judged value, where it is a single one, such as a row count."
    )
    samples: list[Any] = Field(description="Up to 20 values that failed; those of classified columns are masked.")


class RefusedFile(_Part):
    """A file of which no row was published."""

    path: str = Field(description="Its path below staging.")
    bytes: int = Field(description="Its size.")
    reason: str = Field(description="Why no row of it was published.")
    since: str = Field(
        default="", description="The run that refused or emptied it: an earlier one where the file still waits."
    )


class Objects(_Part):
    """The source's files, as the run found them."""

    found: int | None = Field(default=None, description="Files that the contract's path matches.")
    read: int | None = Field(default=None, description="Of these, the files that were read: new or changed ones.")
    bytes: int | None = Field(default=None, description="The size of the files read.")
    rewritten: int | None = Field(
        default=None, description="Of the files read, those with an older version that is published."
    )
    gone: int | None = Field(default=None, description="Files that were read in an earlier run and no longer exist.")
    refused: list[RefusedFile] = Field(
        default=[], description="Files refused as a whole, in this run or in an earlier one, and not corrected since."
    )
    emptied: list[RefusedFile] = Field(
        default=[], description="Files that were read and of which every row was refused, now or in an earlier run."
    )
    planned: list[str] = Field(default=[], description="With `--dry-run`: files that a run would read.")
    sources: dict[str, Any] = Field(
        default={}, description="Of a mart: the published tables it was built from, with their snapshots."
    )
    further: dict[str, Any] = Field(default={}, description="Further facts about the source.")


class ContractRecord(_Part):
    """The contract that the run applied."""

    file: str = Field(description="The file it was read from.")
    hash: str = Field(description="SHA-256 of its meaning: comments and spelling do not change it.")
    owner: str = Field(description="Whom to ask.")
    description: str = Field(description="What one row is.")
    mode: str = Field(description="How rows become a table.")
    at_most: float = Field(description="Share of the rows read that may be quarantined before the gate closes.")


class CostEstimate(_Part):
    """What the dataset's run would cost as a Glue job of its declared size: an estimate, never a bill."""

    worker: str = Field(description="The worker type that the contract declares.")
    workers: int = Field(description="How many workers it declares; all are counted as busy.")
    execution: str = Field(description="The execution class that it declares.")
    seconds: float = Field(
        description="The seconds of this run: on Glue those of the whole run, on a laptop those of the dataset's "
        "steps, which a Glue job would not take."
    )
    billed_seconds: float = Field(description="The seconds that Glue would bill: a minute at least.")
    dpu_seconds: float = Field(description="DPUs of all workers times the billed seconds.")
    usd: float = Field(description="Their list price in USD.")
    prices_as_of: str = Field(description="The date of the table of prices.")
    prices_region: str = Field(description="The region of the table of prices.")


class DatasetRecord(_Part):
    """What the run did to one dataset or mart. Counts are rows; null when the run ended before they were counted."""

    kind: Literal["dataset", "mart"] = Field(description="`dataset`: from files; `mart`: from published tables.")
    status: Status = Field(description="How it ended.")
    reason: str | None = Field(description="Why it ended with this status.")
    read: Rows = Field(description="Rows read from the source.")
    published: Rows = Field(
        description="Rows that were published. With the status `closed` or `failed`: rows that would have been; "
        "none was published."
    )
    superseded: Rows = Field(description="Rows that lost to a newer row with their key.")
    conflicting: Rows = Field(
        description="Rows that contradict another row of their file and key: superseded ones, or with "
        "`on_conflict: quarantine` refused ones."
    )
    deleted: Rows = Field(description="Rows that deleted their key (`delete_when`), whether the table had it or not.")
    skipped: Rows = Field(description="Rows left out before they are judged; `skipped_by` has the reasons.")
    skipped_by: dict[str, int] = Field(
        default={},
        description="Skipped rows by reason: `skip_when`, `comment`, `skip_last`, `skip_from`, `repeated header`.",
    )
    quarantined: Rows = Field(description="Rows refused, with their reasons.")
    inserted: Rows = Field(description="Published rows whose key the table did not have.")
    updated: Rows = Field(description="Published rows that replaced an older row with their key.")
    unchanged: Rows = Field(description="Published rows that the table already had.")
    removed: Rows = Field(description="Rows removed from the table.")
    rows_before: Rows = Field(description="Rows in the table before the run.")
    rows_after: Rows = Field(description="Rows in the table after the run.")
    vanished: Rows = Field(description="Keys that a rewritten file no longer contains (`on_vanish`).")
    files_refused: int = Field(
        description="Files refused as a whole, with those that an earlier run refused and that still wait."
    )
    equations: Equations = Field(description="The sums of rows, and whether they are right.")
    checks: list[CheckRecord] = Field(description="Every check that was judged, in the order of the contract.")
    objects: Objects = Field(description="The source's files.")
    drift: dict[str, Any] = Field(description="How files that were read differ from the contract.")
    seconds: dict[str, float] = Field(description="Seconds by step.")
    estimate: CostEstimate | None = Field(
        default=None, description="What these seconds cost on AWS; null when the dataset was skipped."
    )
    key_versions: dict[str, str] = Field(
        default={},
        description="By domain: the version of the key that masked the run's values; values of one version join.",
    )
    ledger: str | None = Field(description="The ledger file that the published table points at.")
    version: str | None = Field(description="The table's snapshot after the run.")
    error: Problem | None = Field(description="The error that ended the dataset's run.")
    notes: list[str] = Field(description="Remarks that did not change the result.")
    contract: ContractRecord | None = Field(description="The contract's main facts.")
    gx_result: str | None = Field(description="Great Expectations' result document; null when nothing was judged.")
    quarantine: str | None = Field(description="The folder with the refused rows; null when there are none.")
    report: str = Field(description="The page for people.")


class RunRecord(_Part):
    """One run."""

    format: Literal[2] = Field(description="The version of this format.")
    run_id: str = Field(description="The run's name, unique in the lake.")
    status: RunStatus = Field(
        description="The status of the dataset that ended worst: `stopped` (Ctrl-C), `failed`, `closed`, `published`, "
        "`planned` (a dry run) or `unchanged`, in this order. A `skipped` dataset counts as `unchanged`."
    )
    started: datetime = Field(description="When it started, UTC.")
    finished: datetime = Field(description="When it ended, UTC.")
    seconds: float = Field(description="How long it took.")
    host: Host = Field(description="Where it ran.")
    command: str = Field(description="The command that started it.")
    options: Options = Field(description="What it was started with.")
    versions: dict[str, str] = Field(description="The versions of Headgate and of what it ran on.")
    error: Problem | None = Field(description="The error that ended the run outside of a dataset.")
    datasets: dict[str, DatasetRecord] = Field(description="Every dataset and mart, by name, in the order they ran.")
