"""The demo from end to end: make (or take) raw files, run everything, compare, query, and suggest what to try next."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from headgate import stopping
from headgate.cli import show
from headgate.cli.documents_here import flattened
from headgate.cli.local import run_here
from headgate.contract.load import load_contracts, sql_root
from headgate.contract.model import Contract
from headgate.demo.catalogue import Sizes
from headgate.demo.compare import differences
from headgate.demo.generate import generate
from headgate.demo.questions import answers, show_answers
from headgate.demo.show import nothing_changed, show_comparison, show_files, show_next_steps
from headgate.demo.truth import Truth
from headgate.errors import UnusableArgument
from headgate.lake.address import lake_at
from headgate.lake.paths import incoming_folder
from headgate.run import Result


def demo(console: Console, contracts: Path, folder: Path, sizes: Sizes | None = None) -> int:
    """Run the contracts on a made-up catalogue; 1 when a gate closed or the result is not the expected one."""
    known = load_contracts(contracts)
    made = generate(folder, sizes=sizes)
    show_files(console, made)
    lake = folder / "lake"
    result, report = _run(console, contracts, made.staging, lake, _names(made.truth, known))
    if result.exit_code:
        return result.exit_code
    answered = answers(lake_at(str(lake)), sql_root(contracts))
    code = show_comparison(console, made, differences(made.truth, result.outcomes, answered))
    show_answers(console, answered)
    show_next_steps(console, made.staging, lake, contracts, report)
    return code


def demo_on(console: Console, contracts: Path, source: Path, folder: Path) -> int:
    """Run the contracts on the user's own files, into a separate lake; there is nothing to compare the result with."""
    if not source.is_dir():
        raise UnusableArgument("there is no such folder", where=str(source), remedy="Name your raw files' folder.")
    lake = lake_for(source, folder)
    result, report = _run(console, contracts, source, lake, [])
    if result.exit_code:
        return result.exit_code
    show_answers(console, answers(lake_at(str(lake)), sql_root(contracts)))
    show_next_steps(console, source, lake, contracts, report)
    return 0


def lake_for(source: Path, folder: Path) -> Path:
    """The lake of a source: each source has its own, so that two do not mix."""
    place = str(source.resolve())
    return folder / f"lake-{source.resolve().name}-{hashlib.sha256(place.encode()).hexdigest()[:6]}"


def _names(truth: Truth, known: Container[str]) -> list[str]:
    """What the demo runs: its own datasets and marts only."""
    names = [*truth["datasets"], *truth["marts"]]
    missing = [name for name in names if name not in known]
    if missing:
        remedy = "The demo needs Headgate's own contracts and SQL; run yours with `headgate run`."
        raise UnusableArgument(f"there is no contract of `{missing[0]}`", where="demo", remedy=remedy)
    return names


def _flatten_documents(console: Console, known: Mapping[str, Contract], source: Path) -> None:
    """Make Parquet files of the documents that arrive as events, as the Lambda does on AWS."""
    for dataset, contract in known.items():
        if contract.source.arrive != "events" or not (source / incoming_folder(dataset)).is_dir():
            continue
        answers = list(flattened(known, dataset, source))
        made = [answer for answer in answers if answer.state != "refused"]
        rows = sum(answer.rows for answer in made)
        what = f"{len(made)} JSON documents of {dataset} became Parquet files with {rows:,} rows of texts"
        console.print(f"{what} (`headgate flatten {dataset}`).", soft_wrap=True)
        for answer in answers:
            if answer.state == "refused":
                console.print(f"{answer.document}: refused: {answer.reason}", markup=False, soft_wrap=True)


def _run(
    console: Console, contracts: Path, source: Path, lake: Path, names: Sequence[str]
) -> tuple[Result, str | None]:
    _flatten_documents(console, load_contracts(contracts), source)
    result, report = run_here(contracts, source, lake, names)
    show.print_result(result, report)
    if stopping.requested():  # the run has recorded it
        raise KeyboardInterrupt
    if not result.exit_code and nothing_changed(result):
        console.print("Nothing has changed since the last run: no file was read, no table was written.")
    return result, report
