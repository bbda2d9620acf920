"""GitHub events: a payload of another shape per type, commits to explode, keys that cannot be names (`+1`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from real_run import Figure, RealRun, assert_rows_add_up, assert_same, truth_of


def _span(ran: RealRun) -> list[str]:
    return list(
        ran.rows("""
        SELECT strftime(make_timestamp(MIN(epoch_us(created_at))), '%Y-%m-%dT%H:%M:%SZ'),
               strftime(make_timestamp(MAX(epoch_us(created_at))), '%Y-%m-%dT%H:%M:%SZ')
        FROM events
    """)[0]
    )


def _actors(ran: RealRun) -> list[Any]:
    top = "SELECT actor_login, COUNT(*) FROM events GROUP BY actor_login ORDER BY COUNT(*) DESC, actor_login LIMIT 3"
    return [ran.one("SELECT COUNT(DISTINCT actor_id) FROM events"), ran.rows(top)]


def _payload_keys(ran: RealRun) -> list[int]:
    sets = "SELECT COUNT(DISTINCT list_sort(map_keys(payload))) FROM events"
    return [
        ran.one(sets),
        ran.one("SELECT COUNT(DISTINCT key) FROM (SELECT unnest(map_keys(payload)) AS key FROM events)"),
    ]


FIGURES = {
    "events / distinct id (events page)": Figure(
        lambda ran: ran.rows("SELECT COUNT(*), COUNT(DISTINCT event_id) FROM events")[0]
    ),
    "by type": Figure(lambda ran: dict(ran.rows("SELECT event_type, COUNT(*) FROM events GROUP BY event_type"))),
    "rows after exploding payload.commits of PushEvents": Figure(lambda ran: ran.one("SELECT COUNT(*) FROM commits")),
    "distinct actors; top 3": Figure(_actors),
    "created_at min/max": Figure(_span),
    "distinct payload key sets / distinct payload keys": Figure(_payload_keys),
    "issue-events file: rows, distinct id, top-level key sets": Figure(
        lambda ran: ran.rows("SELECT COUNT(*), COUNT(DISTINCT issue_event_id) FROM issue_events")[0],
        part=lambda truth: truth[:2],  # key sets cannot be compared: which keys a record leaves out is lost in columns
    ),
    "issue-events top 5": Figure(
        lambda ran: sorted(
            [event, rows]
            for event, rows in ran.rows(
                "SELECT event, COUNT(*) FROM issue_events GROUP BY event ORDER BY COUNT(*) DESC, event LIMIT 5"
            )
        ),
        part=sorted,  # two of them have as many rows
    ),
}


@pytest.fixture(scope="module")
def github(real_run, shared_data: Path) -> RealRun:
    ran = real_run("github", shared_data / "github_events" / "files")
    ran.again()
    return ran


@pytest.fixture(scope="module")
def issue_events(shared_data: Path) -> list[dict[str, Any]]:
    return json.loads((shared_data / "github_events" / "files" / "github_events.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("what", FIGURES)
def test_github_gives_the_figure_of_its_truth(github: RealRun, shared_data: Path, what: str):
    figure = FIGURES[what]
    assert_same(figure.answer(github), figure.part(truth_of(shared_data / "github_events")[what]))


def test_no_figure_of_the_github_truth_goes_unasked(shared_data: Path):
    assert truth_of(shared_data / "github_events").keys() == FIGURES.keys()


def test_the_rows_of_every_github_table_add_up(github: RealRun):
    assert_rows_add_up(github)


def test_events_without_commits_are_skipped_and_counted(github: RealRun):
    pushes = github.one("SELECT COUNT(*) FROM events WHERE event_type = 'PushEvent'")
    assert github["commits"].skipped == github["events"].published - pushes
    assert github.rows("SELECT DISTINCT event_type FROM commits") == [("PushEvent",)]


def test_keys_that_are_no_names_are_read(github: RealRun, issue_events: list[dict[str, Any]]):
    found = dict(github.rows("SELECT issue_event_id, (thumbs_up, thumbs_down) FROM issue_events"))
    reactions = {int(one["id"]): one["issue"]["reactions"] for one in issue_events}
    assert found == {key: (one["+1"], one["-1"]) for key, one in reactions.items()}


def test_bodies_keep_their_line_breaks(github: RealRun, issue_events: list[dict[str, Any]]):
    bodies = {int(one["id"]): one["issue"]["body"] for one in issue_events if one["issue"]["body"]}
    assert any("\r\n" in body for body in bodies.values())
    assert dict(github.rows("SELECT issue_event_id, body FROM issue_events WHERE body IS NOT NULL")) == bodies


def test_no_author_of_a_commit_is_published_in_clear(github: RealRun):
    assert github.one("SELECT COUNT(*) FROM commits WHERE author_email LIKE '%@%' OR author_email IS NULL") == 0
