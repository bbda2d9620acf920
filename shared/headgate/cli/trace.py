"""`headgate trace`: the life of one row, from the files to the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from headgate.cli.query import require_lake
from headgate.cli.show import Progress
from headgate.cli.table import console, one_line
from headgate.columns import OBJECT, RUN
from headgate.errors import UnusableArgument
from headgate.frame import dataset_run
from headgate.lake.address import lake_at
from headgate.lake.storage import storage
from headgate.outcome import Outcome
from headgate.project import Project, load_project
from headgate.request import RunRequest
from headgate.runtime import Job
from headgate.trace import MOST, Seen, Trace, trace


@dataclass(frozen=True)
class Folders:
    """The folders of a project, as they were typed."""

    contracts: Path
    source: Path
    lake: Path


def traced(dataset: str, columns: Sequence[str], folders: Folders, *, progress: bool = True) -> Trace:
    """Look for the rows of a dataset with these values, such as `order_id=17`.

    Raises `UnusableArgument` for values that cannot be looked for, a mart, and a dataset that was never published.
    """
    lake = lake_at(str(folders.lake))
    project = load_project(folders.contracts, lake)
    (contract,) = project.named([dataset])
    wanted = _wanted(columns)
    if contract.is_mart:
        sources = ", ".join(f"`{name}`" for name in project.reads[dataset])
        raise UnusableArgument(f"`{dataset}` is a mart and reads no files", remedy=f"It is made from {sources}.")
    require_lake(lake)
    given = {"contracts": str(folders.contracts), "source": str(folders.source), "lake": str(folders.lake)}
    with Progress(Console(stderr=True), 1, shown=progress) as shown:
        request = RunRequest((dataset,), log=shown, given=given)
        job = Job(project, lake, request, given)
        run = dataset_run(job.session, lake, contract, request, Outcome(dataset, "dataset"))
        return trace(run, storage(given["source"]), wanted, list(_marts(project, dataset)))


def _wanted(columns: Sequence[str]) -> Mapping[str, str]:
    wanted = {}
    for column in columns:
        name, sign, text = column.partition("=")
        if not sign or not name:
            raise UnusableArgument(f"`{column}` is not a column with a value", remedy="Write `order_id=17`.")
        wanted[name] = text
    return wanted


def _marts(project: Project, dataset: str) -> Iterator[Any]:
    """The marts that are made from the dataset, also by way of other marts, in the order in which they run."""
    made_from = {dataset}
    for name in project.run_order:
        if made_from.intersection(project.reads[name]):
            made_from.add(name)
            yield project.contracts[name]


def as_document(found: Trace) -> dict[str, Any]:
    """As JSON wants it."""
    return asdict(found)


def print_trace(found: Trace) -> None:
    """Print where the row is published, where the files have it, and what became of each."""
    out = console()
    for line in _lines(found):
        out.print(one_line(line), markup=False, soft_wrap=True)


def _lines(found: Trace) -> Iterator[str]:
    what = " and ".join(f"{name}={text}" for name, text in found.wanted.items())
    yield f"{found.dataset}, {what}"
    yield from _published(found)
    yield ""
    yield _in_files(found)
    for seen in found.seen:
        yield f"  {_place(seen)}, arrived {seen.arrival}: {_fate(found, seen)}"
        yield from (f"    ✖ {reason}" for reason in seen.reasons)
        yield f"    {_values(seen.values)}"
    yield from _unknown(found)
    yield from _of_marts(found)


def _published(found: Trace) -> Iterator[str]:
    if not found.published:
        yield "published: no row"
    for row in found.published:
        yield f"published: from {row[OBJECT]}, by run {row[RUN]}"
        yield f"    {_values({name: text for name, text in row.items() if text is not None and name[0] != '_'})}"


def _in_files(found: Trace) -> str:
    files = "1 file" if found.files == 1 else f"{found.files:,} files"
    if not found.seen:
        return f"in the files: no row; {files} searched" if found.files else "in the files: there is no file"
    more = f" (the first {MOST})" if len(found.seen) >= MOST else ""
    return f"in the files: {len(found.seen):,} row{'' if len(found.seen) == 1 else 's'}{more}; {files} searched"


def _fate(found: Trace, seen: Seen) -> str:
    read = f"read by run {seen.read_by}" if seen.read_by else "not read yet: the next run does"
    if seen.wins is None:
        return f"refused; {read}"
    if not seen.wins:
        winners = [other for other in found.seen if other.wins]
        return f"superseded by {_place(winners[0]) if len(winners) == 1 else 'a newer row'}; {read}"
    if seen.read_by is None:
        return read
    if any(row[OBJECT] == seen.object for row in found.published):
        return f"published; {read}"
    return f"would be published now; {read}, under another contract, or its rows were put back or deleted since"


def _place(seen: Seen) -> str:
    return f"{seen.object}, row {seen.row:,}" if seen.row else seen.object


def _unknown(found: Trace) -> Iterator[str]:
    """What could not be searched, so that `no row` is not taken for more than it says."""
    yield from (f"  not searched: {path}: {reason}" for path, reason in found.refused.items())
    if found.gone:
        yield f"  not searched: {len(found.gone):,} files that were read once and are gone, such as {found.gone[0]}"
    if found.unread:
        yield f"  not searched: {found.unread:,} refused rows that have no texts by column"


def _of_marts(found: Trace) -> Iterator[str]:
    if found.marts:
        yield ""
    for mart, rows in found.marts.items():
        if rows is None:
            yield f"mart {mart}: is made from {found.dataset}, and has no such column"
        else:
            yield f"mart {mart}: {rows:,} row{'' if rows == 1 else 's'}"


def _values(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={text!r}" for name, text in values.items())
