"""The page with counts only: readers who may see no refused row find no value of one in it."""

from __future__ import annotations

import json

from run_example import FACTS, contracts, outcomes

from headgate.report.counts_only import WITHHELD, counts_only
from headgate.report.html import page
from headgate.report.record import record

SECRET = "a-value-of-a-row"


def _planted() -> dict[str, object]:
    """A record in which every text that a run may take from a row is the secret."""
    full = json.loads(json.dumps(record(FACTS, outcomes(), contracts())))
    problem = {"what": SECRET, "where": "tracks", "remedy": "Correct it.", "kind": "RunFailed"}
    for dataset in full["datasets"].values():
        known = dataset["error"] or problem
        dataset |= {"reason": SECRET, "error": {**known, "what": SECRET}, "notes": [SECRET]}
        dataset["objects"]["further"] = {"keys": [SECRET]}
        for kind in ("refused", "emptied"):
            dataset["objects"][kind] = [{"path": "a.csv", "bytes": 1, "reason": SECRET, "since": ""}]
        for check in dataset["checks"]:
            check["samples"] = [SECRET]
            if any(name.startswith("column") for name in check["kwargs"]):
                check["observed_value"] = SECRET
    return full


def test_no_value_of_a_row_is_left() -> None:
    planted = _planted()
    assert SECRET in page(planted)
    assert SECRET not in json.dumps(counts_only(planted))
    assert SECRET not in page(counts_only(planted))


def test_all_counts_are_left() -> None:
    full = json.loads(json.dumps(record(FACTS, outcomes(), contracts())))
    less = counts_only(full)
    assert set(less) == set(full)
    for name, dataset in full["datasets"].items():
        assert less["datasets"][name].keys() == dataset.keys()
        for key in ("read", "published", "quarantined", "equations", "seconds", "status"):
            assert less["datasets"][name][key] == dataset[key], name
        counts = [(check["id"], check["unexpected_count"]) for check in dataset["checks"]]
        assert [(check["id"], check["unexpected_count"]) for check in less["datasets"][name]["checks"]] == counts


def test_a_closed_gate_names_its_checks_with_their_counts() -> None:
    full = json.loads(json.dumps(record(FACTS, outcomes(), contracts())))
    reasons = [
        dataset["reason"]
        for name, dataset in counts_only(full)["datasets"].items()
        if full["datasets"][name]["status"] == "closed"
    ]
    assert reasons
    assert all(reason.startswith("closed by `") or reason == WITHHELD for reason in reasons)
