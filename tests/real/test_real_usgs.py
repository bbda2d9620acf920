"""USGS earthquakes: nested GeoJSON, numbers that drift between int and float, times in milliseconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_run import Figure, RealRun, asked, assert_rows_add_up, assert_same, truth_of

from headgate.columns import technical_names

MAYBE = ("felt", "cdi", "mmi", "alert", "nst", "dmin", "rms", "gap")


def _leaves(ran: RealRun) -> int:
    """The columns of the published table that are leaves of a feature."""
    derived = {c.name for c in ran.project.contracts["earthquakes"].columns if c.derived}
    columns = {name for name, *_ in ran.rows("DESCRIBE SELECT * FROM earthquakes")}
    return len(columns - set(technical_names()) - derived)


FIGURES = {
    "features / distinct id / metadata.count": Figure(
        lambda ran: [
            *ran.rows("SELECT COUNT(*), COUNT(DISTINCT event_id) FROM earthquakes")[0],
            ran.runs[0]["earthquakes"].read,
        ]
    ),
    "flattened leaf columns per feature (26 properties + geometry.type + 3 coordinates + id + type)": Figure(_leaves),
    "sum(mag) rounded 4, avg(mag)": Figure(
        lambda ran: ran.rows("SELECT SUM(magnitude), ROUND(AVG(magnitude), 6) FROM earthquakes")[0]
    ),
    "events by properties.type": Figure(
        lambda ran: dict(ran.rows("SELECT event_type, COUNT(*) FROM earthquakes GROUP BY event_type"))
    ),
    "top 5 networks": asked(
        "SELECT network, COUNT(*) FROM earthquakes GROUP BY network ORDER BY COUNT(*) DESC, network LIMIT 5"
    ),
    "events per UTC day": asked("SELECT CAST(day AS VARCHAR), events FROM events_by_day ORDER BY day"),
    "max magnitude": Figure(
        lambda ran: ran.rows("SELECT magnitude, place FROM earthquakes ORDER BY magnitude DESC, event_id LIMIT 1")[0]
    ),
    "rows after exploding comma list properties.ids": Figure(lambda ran: ran.one("SELECT COUNT(*) FROM event_ids")),
    "nulls felt/cdi/mmi/alert/nst/dmin/rms/gap": Figure(
        lambda ran: ran.rows(f"SELECT {', '.join(f'COUNT(*) - COUNT({name})' for name in MAYBE)} FROM earthquakes")[0]
    ),
}


@pytest.fixture(scope="module")
def usgs(real_run, shared_data: Path) -> RealRun:
    ran = real_run("usgs", shared_data / "usgs_earthquakes" / "files")
    ran.again()
    return ran


@pytest.mark.parametrize("what", FIGURES)
def test_usgs_gives_the_figure_of_its_truth(usgs: RealRun, shared_data: Path, what: str):
    assert_same(FIGURES[what].answer(usgs), truth_of(shared_data / "usgs_earthquakes")[what])


def test_no_figure_of_the_usgs_truth_goes_unasked(shared_data: Path):
    assert truth_of(shared_data / "usgs_earthquakes").keys() == FIGURES.keys()


def test_the_rows_of_every_usgs_table_add_up(usgs: RealRun):
    assert_rows_add_up(usgs)


def test_the_events_of_the_days_are_all_events(usgs: RealRun):
    assert usgs.one("SELECT SUM(events) FROM events_by_day") == usgs.one("SELECT COUNT(*) FROM earthquakes")


def test_running_real_files_a_second_time_changes_nothing(usgs: RealRun):
    before = {name: (one.version, one.rows_after) for name, one in usgs.runs[0].items()}
    again = usgs.again()
    assert {one.status for one in again.values()} == {"unchanged"}
    assert {name: (one.version, one.rows_after) for name, one in again.items()} == before
