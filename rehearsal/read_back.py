"""What the lake says in the end, read from its tables, and held against the planted truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pyarrow as pa
from pyarrow.dataset import dataset
from pyarrow.fs import S3FileSystem
from pyiceberg.catalog import load_catalog

from headgate.demo.compare import differences
from headgate.demo.truth import Truth
from headgate.errors import RunFailed
from headgate.outcome import Outcome
from rehearsal.service import ACCOUNT, REGION, Service

_QUESTIONS = ("top_artists", "popularity_by_danceability_and_energy")
_BY_GENRE = "SELECT genre, SUM(tracks)::BIGINT AS tracks FROM genre_by_year GROUP BY genre ORDER BY genre"


def read_back(
    service: Service, database: str, prefix: str, sql: Path, truth: Truth
) -> tuple[Mapping[str, int], list[str]]:
    """The rows of each table, and everything that is not as planted."""
    lake = _tables(service, database, prefix)
    rows = {name: int(lake.execute(f'SELECT COUNT(*) FROM "{name}"').fetchall()[0][0]) for name in _names(truth)}
    found: dict[str, list[Any]] = {
        name: _asked(lake, (sql / "analysis" / f"{name}.sql").read_text()) for name in _QUESTIONS
    }
    found["tracks_by_genre"] = _asked(lake, _BY_GENRE)
    # The rows that were there before are not zero here: what a run counted stands in its report, not in the tables.
    told = {
        name: cast(Outcome, SimpleNamespace(status="", rows_before=1, rows_after=count)) for name, count in rows.items()
    }
    return rows, differences(truth, told, found)


def _names(truth: Truth) -> list[str]:
    return [*truth["datasets"], *truth["marts"]]


def _asked(lake: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    return lake.execute(query).fetchall()


def _tables(service: Service, database: str, prefix: str) -> duckdb.DuckDBPyConnection:
    """Every table of the database, under its dataset's name."""
    catalog = load_catalog("lake", **_settings(service))
    lake = duckdb.connect()
    lake.execute("SET TimeZone = 'UTC'")
    for table in service.client("glue").get_tables(DatabaseName=database)["TableList"]:
        name = table["Name"]
        if table.get("Parameters", {}).get("table_type", "").upper() == "ICEBERG":
            lake.register(name.removeprefix(prefix), catalog.load_table((database, name)).scan().to_arrow())
        else:
            lake.register(name.removeprefix(prefix), _plain(service, table))
    return lake


def _plain(service: Service, table: dict[str, Any]) -> pa.Table:
    """A table of Parquet files: what it or its partitions name now, without the partitions' own columns."""
    address = service.endpoint.removeprefix("http://")
    s3 = S3FileSystem(
        access_key=ACCOUNT, secret_key="none", region=REGION, endpoint_override=address, scheme="http"
    )  # fmt: skip
    pages = (
        service.client("glue")
        .get_paginator("get_partitions")
        .paginate(DatabaseName=table["DatabaseName"], TableName=table["Name"])
    )
    holders = [one for page in pages for one in page["Partitions"]] or [table]
    places = [one["StorageDescriptor"]["Location"] for one in holders]
    return pa.concat_tables(_files(s3, table["Name"], at) for at in places)


def _files(s3: S3FileSystem, table: str, at: str) -> pa.Table:
    try:
        return dataset(at.removeprefix("s3://").rstrip("/"), filesystem=s3, format="parquet").to_table()
    except (pa.ArrowInvalid, OSError) as error:
        raise RunFailed(f"the catalog says that rows of {table} lie in {at}: {error}", where="tables") from None


def _settings(service: Service) -> dict[str, str]:
    signed = {"access-key-id": ACCOUNT, "secret-access-key": "none", "endpoint": service.endpoint, "region": REGION}
    return {
        "type": "glue",
        "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
        **{f"{part}.{name}": text for part in ("glue", "s3") for name, text in signed.items()},
    }
