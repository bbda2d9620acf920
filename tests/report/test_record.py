from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import jsonschema
import numpy as np
import pytest
from pydantic import ValidationError
from run_example import (
    BETWEEN,
    FACTS,
    NOT_NULL,
    RUN,
    check,
    closed,
    closed_by_audit,
    contracts,
    failed,
    mart,
    outcomes,
    published,
    result,
    skipped,
    unchanged,
)

from headgate.outcome import COUNTS, Outcome
from headgate.report.document import json_schema
from headgate.report.record import record
from headgate.report.record_model import RunRecord


def dataset(outcome: Outcome) -> dict[str, Any]:
    return record(FACTS, [outcome])["datasets"][outcome.dataset]


def test_a_record_of_every_status_validates_against_the_published_schema():
    content = json.loads(json.dumps(record(FACTS, outcomes(), contracts()), allow_nan=False))
    jsonschema.validate(content, json.loads(json_schema()), format_checker=jsonschema.FormatChecker())
    assert RunRecord.model_validate(content).model_dump(mode="json") == content
    assert list(content["datasets"]) == [outcome.dataset for outcome in outcomes()]


@pytest.mark.parametrize("where", [(), ("options",), ("datasets", "tracks"), ("datasets", "tracks", "objects")])
def test_a_key_that_the_schema_does_not_know_is_refused(where: tuple[str, ...]):
    content = record(FACTS, [published()])
    part = content
    for name in where:
        part = part[name]
    part["mood"] = "good"
    with pytest.raises(jsonschema.ValidationError, match="mood"):
        jsonschema.validate(content, json.loads(json_schema()))
    with pytest.raises(ValidationError, match="mood"):
        RunRecord.model_validate(content)


def test_another_format_is_refused():
    with pytest.raises(ValidationError, match="format"):
        RunRecord.model_validate({**record(FACTS, []), "format": 1})


def test_every_count_of_the_outcome_stands_in_the_record():
    content = dataset(published())
    assert {name: content[name] for name in COUNTS} == published().counts()
    assert (content["files_refused"], content["objects"]["found"], content["objects"]["bytes"]) == (1, 14, 18_403_221)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ([], "unchanged"),
        ([unchanged(), skipped()], "unchanged"),
        ([unchanged(), replace(unchanged(), dataset="a", status="planned")], "planned"),
        ([unchanged(), published()], "published"),
        ([closed(), published()], "closed"),
        ([failed(), closed(), published()], "failed"),
    ],
)
def test_the_status_of_a_run_is_the_worst_of_its_datasets(given: list[Outcome], status: str):
    assert record(FACTS, given)["status"] == status


def test_a_run_that_ended_outside_of_its_datasets_has_failed():
    ended = replace(FACTS, error={"what": "the lake cannot be written", "where": "lake", "remedy": "Mend it."})
    content = record(ended, [published()])
    assert (content["status"], content["error"]["what"]) == ("failed", "the lake cannot be written")


def test_equations_are_written_out_and_hold():
    sums = dataset(published())["equations"]
    assert sums["input"]["text"] == "read 56712 = published 28356 + superseded 28302 + skipped 40 + quarantined 14"
    assert sums["published"]["text"] == "published 28356 = inserted 1204 + updated 310 + unchanged 26842"
    assert sums["table"]["text"] == "rows_after 28356 = rows_before 27152 + inserted 1204 - removed 0"
    assert [equation["holds"] for equation in sums.values()] == [True, True, True]


@pytest.mark.parametrize(
    ("count", "uneven"),
    [("skipped", "input"), ("updated", "published"), ("removed", "table")],
)
def test_an_equation_that_misses_a_row_does_not_hold(count: str, uneven: str):
    lost = replace(published(), **{count: getattr(published(), count) + 1})
    assert [name for name, sums in dataset(lost)["equations"].items() if sums["holds"] is False] == [uneven]


def test_a_finished_run_that_did_not_count_what_it_read_does_not_add_up():
    assert dataset(replace(published(), read=None))["equations"]["input"]["holds"] is False


def test_an_equation_is_not_judged_where_the_run_ended_before_all_counts():
    sums = dataset(closed())["equations"]
    assert [equation["holds"] for equation in sums.values()] == [None, None, None]
    assert sums["input"]["text"] == "read 32833 = published ? + superseded ? + skipped 0 + quarantined 4120"
    assert dataset(closed_by_audit())["equations"]["input"]["holds"] is True


def test_a_mart_that_counts_no_quarantine_adds_up():
    assert dataset(replace(mart(), quarantined=None, skipped=None))["equations"]["input"]["holds"] is True


def test_a_check_says_what_it_did():
    effects = {check["id"]: check["effect"] for check in dataset(closed())["checks"]}
    assert (effects["genre.not_null"], effects["rank.between"]) == ("closed", "closed")  # stop; beyond its at_most
    assert (effects["uri.matches"], effects["column_3.not_null"]) == ("quarantined", "passed")
    warned = next(check for check in dataset(published())["checks"] if check["otherwise"] == "warn")
    assert warned["effect"] == "warned"


def test_as_many_failed_rows_as_at_most_allows_do_not_close_the_gate():
    limit = check("rank.between", BETWEEN, at_most=0.25)
    equal, beyond = result(limit, 25, 100), result(limit, 26, 100)
    content = dataset(replace(published(), status="closed", read=100, checks=[equal, beyond]))["checks"]
    assert [check["effect"] for check in content] == ["quarantined", "closed"]


def test_a_run_that_published_without_a_file_closed_nothing_over_the_rows_of_that_file():
    beyond = result(check("rank.between", BETWEEN, at_most=0.25), 26, 100)
    assert published().objects["refused"]
    content = dataset(replace(published(), read=100, checks=[beyond]))["checks"]
    assert [check["effect"] for check in content] == ["quarantined"]


def test_a_percentage_is_of_the_rows_that_were_judged():
    some, none = result(check("a.between", BETWEEN), 5, 110, 10), result(check("b.between", BETWEEN), 0, 7, 7)
    absent = result(check("c.not_null", NOT_NULL), 3, 100, None)
    content = dataset(replace(published(), checks=[some, none, absent]))["checks"]
    assert [check["unexpected_percent"] for check in content] == [5.0, None, 3.0]


def test_values_of_numpy_decimals_and_times_become_json():
    moment = datetime(2026, 3, 1, 7, tzinfo=timezone(timedelta(hours=1)))
    odd = check("a.between", BETWEEN, min_value=Decimal("1.50"), max_value=np.float64(2.5))
    seen = result(
        odd, np.int64(2), np.int64(9), np.int64(0), success=False, samples=(moment, np.int32(3), float("nan"))
    )
    run = replace(FACTS, started=moment)
    content = record(run, [replace(published(), checks=[seen], drift={"missing": {"a": {"files": np.int64(2)}}})])
    assert content["started"] == "2026-03-01T06:00:00Z"
    written = content["datasets"]["tracks"]["checks"][0]
    assert written["kwargs"] == {"column": "a", "min_value": 1.5, "max_value": 2.5}
    assert written["samples"] == ["2026-03-01T07:00:00+01:00", 3, "nan"]
    assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_what_is_noted_of_objects_beyond_the_known_keys_is_kept_apart():
    noted = {"found": 3, "snapshots": {"tracks": "87"}}
    content = dataset(replace(published(), objects=noted))["objects"]
    assert (content["found"], content["further"]) == (3, {"snapshots": {"tracks": "87"}})


def test_a_mart_names_the_snapshots_it_was_made_of():
    assert list(dataset(mart())["objects"]["sources"]) == ["tracks", "artists"]


def test_an_error_keeps_its_kind_and_its_remedy():
    error = {"kind": "RunFailed", "what": "a", "where": "b", "remedy": "c"}
    assert dataset(replace(failed(), error=error))["error"] == error


def test_paths_stand_where_there_is_something_to_find():
    full, empty = dataset(closed()), dataset(unchanged())
    assert full["quarantine"] == f"quarantine/playlist_tracks/_run={RUN}"
    assert full["gx_result"] == f"runs/{RUN}/playlist_tracks.gx.json"
    assert (empty["quarantine"], empty["gx_result"]) == (None, None)
    assert empty["report"] == f"runs/{RUN}/report.html"


def test_an_estimate_is_kept_with_the_dataset_that_it_is_of():
    datasets = record(FACTS, outcomes())["datasets"]
    assert datasets["tracks"]["estimate"]["dpu_seconds"] == 120.0
    assert {name for name, of in datasets.items() if of["estimate"]} == {"tracks"}
