"""The page of a run for people: one file that loads nothing and runs no script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from headgate.report import bars
from headgate.report import wording as words

# Statuses, the most urgent first.
_ATTENTION = ("stopped", "failed", "closed", "skipped", "published", "planned", "unchanged")
_HARDEST = ("closed", "quarantined", "warned")  # effects of failed checks
_PLACES = ("vanished", "key_versions", "version", "ledger", "quarantine", "gx_result", "contract")


def page(record: Mapping[str, Any]) -> str:
    """The page of a run record; equal records give equal pages. Every value of the record is escaped."""
    datasets = record["datasets"]
    by_attention = sorted(datasets, key=lambda name: _ATTENTION.index(datasets[name]["status"]))
    return _template().render(
        run=record,
        heading=words.RUN_STATUSES[record["status"]],
        sentence=words.sentence(record),
        cost=sum((dataset["estimate"] or {"usd": 0})["usd"] for dataset in datasets.values()),
        sections=[{"name": name, **_drawn(datasets[name])} for name in by_attention],
    )


def _drawn(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """A dataset with its drawings, and its checks split into those that failed and those that passed."""
    failed = [check for check in dataset["checks"] if check["effect"] != "passed"]
    return {
        "of": dataset,
        "rows": bars.rows_in(dataset),
        "table": bars.table_before_and_after(dataset),
        "time": bars.time_by_step(dataset["seconds"]),
        "failed": sorted(failed, key=_worst_first),
        "passed": [check for check in dataset["checks"] if check["effect"] == "passed"],
        "why": words.reasons((dataset["error"] or {}).get("what") or dataset["reason"] or ""),
        "facts": any(dataset[name] for name in _PLACES) or any(dataset["objects"].values()),
        "uneven": [equation for equation in dataset["equations"].values() if equation["holds"] is False],
    }


def _worst_first(check: Mapping[str, Any]) -> tuple[int, int]:
    return _HARDEST.index(check["effect"]), -(check["unexpected_count"] or 0)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("headgate.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {function.__name__: function for function in words.FILTERS}
    environment.globals |= {"statuses": words.DATASET_STATUSES, "effects": words.EFFECTS, "scopes": words.SCOPES}
    return environment.get_template("report.html.j2")
