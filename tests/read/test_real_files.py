"""The real files beside the project are read whole: their row counts are known from elsewhere."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate.lake.storage import LocalStorage
from headgate.read import frame, objects, plan


@pytest.fixture
def counted(spark, shared_data: Path, contract):
    """Rows and rows with faults of a file; its columns are those of its own header."""

    def count(path: str, *columns, explode_counts: str = "", **source):
        made = contract(*columns, path=path, **source)
        store = LocalStorage(shared_data)
        planned = plan(made, store, objects(store, path))
        assert [f"{r.object.path}: {r.reason}" for r in planned.refused] == []
        faults = F.count_if(F.size("_faults") > 0) if not explode_counts else F.count(explode_counts)
        row = frame(spark, made, planned).agg(F.count("*"), faults).first()
        assert row is not None
        return tuple(row)

    return count


def header(file: Path) -> list[dict[str, str]]:
    names = file.read_text(encoding="utf-8").splitlines()[0].replace('"', "").split(",")
    return [{"name": f"c{i}", "source": name} for i, name in enumerate(names)]


@pytest.fixture
def counted_files(spark, shared_data: Path, contract):
    """Rows and rows with faults of several CSV files, each with the columns of its own header, in one job."""

    def count(paths):
        store, parts = LocalStorage(shared_data), []
        for path in paths:
            place = shared_data / path
            made = contract(*header(next(place.glob("*.csv")) if place.is_dir() else place), path=path)
            planned = plan(made, store, objects(store, path))
            assert planned.refused == ()
            rows = frame(spark, made, planned).where("_skip IS NULL")
            parts.append(rows.select(F.lit(path).alias("path"), "_faults", "_object"))
        every = reduce(DataFrame.union, parts).groupBy("path")
        return {row.path: (row.n, row.bad) for row in every.agg(
            F.count("*").alias("n"), F.count_if(F.size("_faults") > 0).alias("bad")).collect()}  # fmt: skip

    return count


CSV_ROWS = {
    "music": {"music/files/artists/": (10693, 0), "music/files/albums/": (22919, 0), "music/files/tracks/": (32833, 0),
              "music/files/features/": (32833, 0), "music/files/playlist_tracks/": (32833, 0)},
    "chinook": {"chinook/files/Track.csv": (3503, 0), "chinook/files/Invoice.csv": (412, 0),
                "chinook/files/InvoiceLine.csv": (2240, 0), "chinook/files/Customer.csv": (59, 0),
                "chinook/files/Album.csv": (347, 0), "chinook/files/PlaylistTrack.csv": (8715, 0)},
    "northwind": {"northwind/files/orders.csv": (830, 176), "northwind/files/customers.csv": (91, 24),
                  "northwind/files/suppliers.csv": (29, 9), "northwind/files/order-details.csv": (2155, 0),
                  "northwind/files/categories.csv": (8, 0), "northwind/files/employees.csv": (9, 0),
                  "northwind/files/products.csv": (77, 0), "northwind/files/territories.csv": (53, 0)},
}  # fmt: skip


@pytest.mark.parametrize("dataset", CSV_ROWS)
def test_every_row_of_the_real_csv_files_is_read_and_every_ragged_one_told(counted_files, dataset):
    assert counted_files(CSV_ROWS[dataset]) == CSV_ROWS[dataset]


NOBEL = ({"name": "id", "type": "int"}, {"name": "year", "source": "prizes.year", "type": "int"},
         {"name": "organisation", "source": "prizes.affiliations.name"})  # fmt: skip
OLD, NEW = (f"nobel_laureates/files/laureate_{name}_root.json" for name in ("2020_array", "2023_object"))


@pytest.mark.parametrize(("path", "laureates", "prizes", "affiliations"), [(OLD, 955, 962, 778), (NEW, 992, 1000, 816)])
def test_laureates_prizes_and_affiliations_of_both_snapshots(counted, path, laureates, prizes, affiliations):
    json = {"format": "json", "records": "laureates"}
    assert counted(path, NOBEL[0], **json) == (laureates, 0)
    assert counted(path, *NOBEL[:2], explode=["prizes"], **json) == (prizes, 0)
    deep = {"explode": ["prizes", "prizes.affiliations"], **json}
    assert counted(path, *NOBEL, explode_counts="organisation", **deep)[1] == affiliations
    assert counted(path, *NOBEL, **deep)[1] == 0


def test_nobel_prizes_as_a_nested_column_have_no_faults(counted):
    shape = "array<struct<year:int,category:string,share:int,affiliations:array<struct<name:string,city:string>>>>"
    column = {"name": "prizes", "type": shape}
    assert counted("nobel_laureates/files/", column, format="json", records="laureates") == (955 + 992, 0)


def test_earthquakes_are_read_by_path(counted):
    columns = ({"name": "mag", "source": "properties.mag", "type": "double"},
               {"name": "depth", "source": "geometry.coordinates[2]", "type": "double"})  # fmt: skip
    assert counted("usgs_earthquakes/files/", *columns, format="json", records="features") == (1707, 0)


def test_github_events_are_read_and_their_commits_exploded(counted):
    page = "github_events/files/github.events.load_page_1_duck.json"
    assert counted(page, "id", {"name": "who", "source": "actor.login"}, format="json") == (100, 0)
    sha = {"name": "sha", "source": "payload.commits.sha"}
    assert counted(page, "id", sha, format="json", explode=["payload.commits"], explode_counts="sha")[1] == 77
    issues = "github_events/files/github_events.json"
    plus = {"name": "plus", "source": 'issue.reactions."+1"', "type": "int"}
    assert counted(issues, "id", plus, format="json") == (100, 0)
