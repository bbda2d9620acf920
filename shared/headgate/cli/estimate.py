"""What `headgate estimate` prints: tables of at most 80 columns, then advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import TextWrapper

from rich.console import Console

from headgate.cli.table import Column, print_table
from headgate.cli.table import console as table_console
from headgate.cost.answer import Answer
from headgate.cost.bill import size
from headgate.cost.compare import Change
from headgate.cost.estimate import TRANSITIONS, Estimate, Month
from headgate.cost.model import ASSUMED_MINUTES

_WIDTH = 80
_ESTIMATE = ("dataset", "job", "", "s", "most", "DPU-s", "a run", "runs", "a month")
_BASES = {
    "glue": "seconds measured on Glue, without the start of the job itself: median and longest of the last runs",
    "laptop": "seconds measured on a laptop, which are not Glue's: median and longest of the last runs; the first "
    "dataset of a run includes the start of Spark",
    "bytes": "no run yet: worked out from the bytes in staging (docs/COST_OPTIMIZATION.md)",
    "assumed": f"neither a run nor raw files yet: {ASSUMED_MINUTES} minutes are assumed",
}
_MARKS = {"glue": "", "laptop": "l", "bytes": "b", "assumed": "a"}


def print_estimate(answer: Answer) -> None:
    """Print tables for a person, at most 80 columns wide."""
    console = table_console()
    console.width = min(console.width, _WIDTH)
    prices = answer.prices
    console.print(f"[b]Estimate[/], not a bill: {prices.table}, in USD; check yours.")
    _print_rows(console, _ESTIMATE, _rows(answer))
    for mark, meaning in _legend(answer.estimates):
        _print_wrapped(console, [meaning], f"{mark}  ")
    _print_rows(console, ("what", "runs", "a month"), _month(answer.month))
    _print_wrapped(
        console,
        [
            f"Not in it: queries (Athena: {prices.usd['athena_tb']:.2f} per TB), logs, requests, retries, tax, "
            "discounts; and what the lake costs while nothing arrives (`make output ONLY=idle_cost ENV=…`)."
        ],
        "",
    )
    _print_changes(console, answer)
    if answer.advice:
        console.print("\n[b]Advice[/]")
        _print_wrapped(console, answer.advice, "- ")
    _print_wrapped(console, answer.notes, "note: ")


def _rows(answer: Answer) -> list[Sequence[str]]:
    return [
        (
            each.dataset,
            size(each.job),
            _MARKS[each.work.basis],
            _seconds(each.seconds),
            _seconds(each.largest),
            f"{each.dpu_seconds:,.0f}",
            _usd(each.usd),
            _runs(each.runs) + ("*" if each.runs_assumed else ""),
            f"{each.month:,.2f}",
        )
        for each in answer.estimates
    ]


def _print_rows(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    texts = ("dataset", "job", "", "what")
    print_table(
        console,
        [
            Column(heading, cells, number=heading not in texts, whole=heading in ("", "job"))
            for heading, cells in zip(headings, zip(*rows, strict=True), strict=True)
        ],
    )


def _legend(estimates: Sequence[Estimate]) -> Iterator[tuple[str, str]]:
    """What the marks in the table mean, of those that are in it."""
    for basis, mark in _MARKS.items():
        known = [each for each in estimates if each.work.basis == basis]
        if known:
            yield mark or "s", _BASES[basis]
    if any(each.runs_assumed for each in estimates):
        yield "*", "one delivery a day is assumed; a mart on arrival is built after each"


def _month(month: Month) -> list[Sequence[str]]:
    return [
        ("refine and build_mart", _runs(month.runs), f"{month.jobs:,.2f}"),
        (f"maintain, weekly: {ASSUMED_MINUTES} minutes assumed", _runs(month.maintained), f"{month.maintain:,.2f}"),
        (f"Step Functions: about {TRANSITIONS} transitions a run", "", f"{month.transitions:,.2f}"),
        (f"S3 Standard: {_bytes(month.stored)} of these tables now", "", f"{month.storage:,.2f}"),
        ("in all", "", f"{month.total:,.2f}"),
    ]


def _print_changes(console: Console, answer: Answer) -> None:
    if not answer.changes:
        if answer.named:
            console.print(f"\nNothing that costs has changed since {answer.against}.", markup=False)
        return
    rows: list[Sequence[str]] = []
    for change in answer.changes:
        for label, each in (("before", change.before), ("after", change.after)):
            rows.append((change.dataset if label == "before" else "", label, *_figures(each)))
        rows.append(("", "", "", "", "", "", f"{change.month:+,.2f}"))
    console.print(f"\n[b]Changed since {answer.against}[/]")
    _print_rows(console, ("dataset", "", "s", "DPU-s", "a run", "runs", "a month"), rows)
    for change in answer.changes:
        _print_wrapped(console, [f"{change.dataset}: {'; '.join(change.what)}"], "- ")
    console.print(f"in all {sum(change.month for change in answer.changes):+,.2f} a month")
    _print_wrapped(console, _caveats(answer.changes), "note: ")


def _caveats(compared: Sequence[Change]) -> Iterator[str]:
    what = [text for change in compared for text in change.what]
    if any(text.startswith("job") for text in what):
        yield (
            "seconds on Glue are divided among the cores of the other size, without the start: the best case. A "
            "laptop's seconds are taken as they are."
        )
    if any(text.startswith("partition_by") for text in what):
        yield (
            "other partitions need a rebuild (`--full`), which reads all raw files once. What they save in later "
            "runs shows after the first run; it is not worked out."
        )


def _figures(each: Estimate | None) -> Sequence[str]:
    if each is None:
        return ("", "", "", "", "none")
    dpu_seconds, runs = f"{each.dpu_seconds:,.0f}", _runs(each.runs)
    return (_seconds(each.seconds), dpu_seconds, _usd(each.usd), runs, f"{each.month:,.2f}")


def _print_wrapped(console: Console, texts: Iterable[str], head: str) -> None:
    wrap = TextWrapper(console.width, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False)
    for text in texts:
        console.print(wrap.fill(text), markup=False, soft_wrap=True)


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 99.5 else f"{seconds:.1f}"


def _bytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def _usd(usd: float) -> str:
    return f"{usd:,.2f}" if usd >= 10 else f"{usd:.4f}"


def _runs(runs: float) -> str:
    return f"{runs:,.1f}".removesuffix(".0")
