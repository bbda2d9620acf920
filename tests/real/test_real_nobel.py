"""Nobel laureates: two snapshots, one a list and one an object, three levels deep, with late changes.

`laureates/` gets one file per snapshot, and the newer arrival wins; `current/` has one file that is rewritten.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from real_run import RealRun, asked, assert_rows_add_up, assert_same, truth_of

OLDER, NEWER = "older file (array root)", "newer file (object root {laureates:[...]})"
BOTH = "ids in both / only old / only new"
CHANGED = "ids whose record changed between snapshots (late-arriving updates)"
NO_RESULT = {"key_sets": "which keys a record leaves out is lost once it has columns"}


def _number(sql: str):
    return lambda ran: ran.one(sql)


def _by_name(sql: str):
    return lambda ran: dict(ran.rows(sql))


ANSWERS = {
    "laureates": _number("SELECT COUNT(*) FROM laureates"),
    "distinct_id": _number("SELECT COUNT(DISTINCT laureate_id) FROM laureates"),
    "prize_rows": _number("SELECT COUNT(*) FROM prizes"),
    "affiliation_rows_dict_only": _number("SELECT COUNT(*) FROM affiliations"),
    "affiliation_empty_list": lambda ran: ran["affiliations"].skipped,
    "category": _by_name("SELECT category, COUNT(*) FROM prizes GROUP BY category"),
    "gender": _by_name("SELECT gender, COUNT(*) FROM laureates GROUP BY gender"),
    "died_0000_00_00": _number("SELECT COUNT(*) FROM laureates WHERE died IS NULL"),
    "born_month_day_00": _number("SELECT COUNT(*) FROM laureates WHERE born LIKE '%-00-00'"),
    "multi_prize": _number("SELECT COUNT(*) FROM laureates WHERE len(prizes) > 1"),
    "max_year": _number("SELECT CAST(MAX(year) AS VARCHAR) FROM prizes"),
    "top3_countries": asked(
        "SELECT born_country_code, COUNT(*) FROM laureates WHERE born_country_code IS NOT NULL"
        " GROUP BY born_country_code ORDER BY COUNT(*) DESC, born_country_code LIMIT 3"
    ).answer,
}


def _deliver(file: Path, *places: Path, day: int) -> None:
    """Copy a snapshot to its places, arrived on that day."""
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
        os.utime(place, (day * 86_400, day * 86_400))


@pytest.fixture(scope="module")
def snapshots(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "nobel_laureates" / "files").glob("*.json"))


@pytest.fixture(scope="module")
def nobel(real_run, snapshots: list[Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[RealRun, dict[str, Any]]:
    """The lake after both snapshots, and the answers as they were after each."""
    staging = tmp_path_factory.mktemp("nobel-staging")
    ran = real_run("nobel", staging)
    answers = {}
    for what, file, day in zip((OLDER, NEWER), snapshots, (18_500, 19_500), strict=True):
        _deliver(file, staging / "laureates" / file.name, staging / "current" / "laureates.json", day=day)
        ran.again()
        answers[what] = {key: answer(ran) for key, answer in ANSWERS.items()}
    return ran, answers


@pytest.mark.parametrize("snapshot", [OLDER, NEWER])
@pytest.mark.parametrize("key", ANSWERS)
def test_nobel_gives_the_figure_of_the_snapshot(nobel, shared_data: Path, snapshot: str, key: str):
    assert_same(nobel[1][snapshot][key], truth_of(shared_data / "nobel_laureates")[snapshot][key])


def test_no_figure_of_the_nobel_truth_goes_unasked(shared_data: Path):
    truth = truth_of(shared_data / "nobel_laureates")
    assert truth.keys() == {OLDER, NEWER, BOTH, CHANGED}
    assert truth[OLDER].keys() == truth[NEWER].keys() == ANSWERS.keys() | NO_RESULT.keys()


def test_the_newer_snapshot_inserts_updates_and_leaves_laureates(nobel, shared_data: Path):
    truth, merged = truth_of(shared_data / "nobel_laureates"), nobel[0]["laureates"]
    both, only_old, only_new = truth[BOTH]
    assert (merged.updated + merged.unchanged, merged.rows_after - merged.published) == (both, only_old)
    assert merged.inserted == only_new
    assert merged.updated == truth[CHANGED]


def test_a_rewritten_file_replaces_the_rows_it_had(nobel):
    before, after = (run["affiliations"] for run in nobel[0].runs)
    assert (after.rows_before, after.removed) == (before.rows_after, before.rows_after)
    assert nobel[0].rows("SELECT DISTINCT _object FROM affiliations") == [("current/laureates.json",)]


def test_the_rows_of_every_nobel_table_add_up(nobel):
    assert_rows_add_up(nobel[0])


def test_both_snapshots_at_once_come_to_the_same_table(nobel, real_run, tmp_path: Path, snapshots: list[Path]):
    for file, day in zip(snapshots, (18_500, 19_500), strict=True):
        _deliver(file, tmp_path / "laureates" / file.name, day=day)
    at_once = real_run("nobel", tmp_path)
    counts = at_once.again("laureates")["laureates"]
    stepwise = nobel[0]["laureates"]
    assert (counts.published, counts.superseded) == (stepwise.rows_after, counts.read - stepwise.rows_after)
    columns = ", ".join(column.name for column in at_once.project.contracts["laureates"].columns)
    everything = f"SELECT {columns} FROM laureates ORDER BY laureate_id"
    assert at_once.rows(everything) == nobel[0].rows(everything)
