"""The page of a run for a person: one file, nothing fetched, no script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from headgate.report import bars
from headgate.report import wording as words

_ATTENTION = ("failed", "closed", "skipped", "published", "planned", "unchanged")


def page(record: Mapping[str, Any]) -> str:
    """The page of a run record; equal for equal records. Every value of the record is escaped."""
    datasets = record["datasets"]
    by_attention = sorted(datasets, key=lambda name: _ATTENTION.index(datasets[name]["status"]))
    return _template().render(
        run=record,
        verdict=words.VERDICTS[record["verdict"]],
        sentence=words.sentence(record),
        sections=[{"name": name, **_drawn(datasets[name])} for name in by_attention],
    )


def _drawn(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """A dataset with its drawings, and its checks parted into those that failed and those that held."""
    failed = [one for one in dataset["checks"] if one["effect"] != "held"]
    return {
        "of": dataset,
        "rows": bars.rows_in(dataset),
        "table": bars.table_before_and_after(dataset),
        "time": bars.time_by_step(dataset["seconds"]),
        "failed": sorted(failed, key=lambda one: (_HARDEST.index(one["effect"]), -(one["unexpected_count"] or 0))),
        "held": [one for one in dataset["checks"] if one["effect"] == "held"],
        "why": words.reasons((dataset["error"] or {}).get("what") or dataset["reason"] or ""),
        "facts": any(dataset[name] for name in _PLACES) or any(dataset["objects"].values()),
        "uneven": [one for one in dataset["equations"].values() if one["holds"] is False],
    }


_HARDEST = ("closed", "quarantined", "warned")
_PLACES = ("vanished", "version", "ledger", "quarantine", "gx_result", "contract")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("headgate.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {one.__name__: one for one in words.FILTERS}
    environment.globals |= {"statuses": words.STATUSES, "effects": words.EFFECTS, "scopes": words.SCOPES}
    return environment.get_template("report.html.j2")
