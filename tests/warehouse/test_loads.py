"""Exports loaded into PostgreSQL as Redshift: upserts, removed keys, repeats, skipped runs, and what goes wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench import Bench, csv
from headgate.errors import RunFailed
from headgate.upkeep.rollback import resume, roll_back
from headgate.warehouse.exported import latest
from headgate.warehouse.members import Members

pytestmark = pytest.mark.needs("postgres")

ARTISTS = """\
columns:
  - {name: artist_id, type: string, required: true, max_length: 10}
  - {name: name, type: string}
key: [artist_id]
at_most: 1.0
serving: {warehouse: true}
"""

ALBUMS = """\
source: {format: json}
columns:
  - {name: album_id, type: int, required: true}
  - {name: artist_id, type: string}
  - {name: price, type: "decimal(10,2)"}
  - {name: share, type: double}
  - {name: released, type: date, formats: [yyyy-MM-dd]}
  - {name: at, type: timestamp, formats: ["yyyy-MM-dd'T'HH:mm:ssXXX"]}
  - {name: local, type: timestamp_ntz, formats: ["yyyy-MM-dd HH:mm:ss"]}
  - {name: live, type: boolean}
  - {name: tags, type: "array<struct<k:string,n:int>>"}
  - {name: gone, type: string, publish: false}
key: [album_id]
delete_when: gone = 'yes'
at_most: 1.0
references: [{columns: [artist_id], to: artists}]
serving: {warehouse: true}
"""

ONE = {
    "album_id": 1, "artist_id": "x", "price": 9.9, "share": 0.25, "released": "2020-02-29",
    "at": "2026-01-01T12:00:00+02:00", "local": "2026-01-01 12:00:00", "live": True, "tags": [{"k": "é", "n": None}],
}  # fmt: skip


def music(bench: Bench) -> None:
    bench.contract("artists", ARTISTS)
    bench.contract("albums", ALBUMS)
    bench.put("artists/1.csv", csv("x,Ann O'Hara", 'y,"Bo, ""B"""', header="artist_id,name"))
    put_albums(bench, 1, ONE, {"album_id": 2, "artist_id": "y"}, {"album_id": 3, "artist_id": "nobody"})


def albums_alone(bench: Bench) -> None:
    """One dataset for what needs no reference: each run of a dataset takes seconds."""
    bench.contract("albums", ALBUMS.replace("references: [{columns: [artist_id], to: artists}]\n", ""))
    put_albums(bench, 1, ONE, {"album_id": 2, "artist_id": "y"})


def artists_alone(bench: Bench) -> None:
    bench.contract("artists", ARTISTS)
    bench.put("artists/1.csv", csv("x,Ann O'Hara", "y,Bo", header="artist_id,name"))


def put_albums(bench: Bench, number: int, *rows: dict) -> None:
    bench.put(f"albums/{number}.json", "\n".join(map(json.dumps, rows)) + "\n", number * 60)


def test_every_type_is_loaded_every_figure_is_equal_and_no_orphan_is_there(bench: Bench, redshift) -> None:
    music(bench)
    outcomes = bench.run().outcomes
    assert [outcome.status for outcome in outcomes.values()] == ["published"] * 2
    assert outcomes["albums"].quarantined == 1
    redshift.make_tables(bench)
    loaded = redshift.load(bench)
    assert (loaded["albums"].rows, loaded["artists"].rows) == (2, 2)
    (row,) = redshift.rows(
        "SELECT artist_id, price, share, released, at AT TIME ZONE 'UTC', local, live, tags "
        "FROM lake.albums WHERE album_id = 1"
    )
    assert row == (
        "x", "9.90", "0.25", "2020-02-29", "2026-01-01 10:00:00", "2026-01-01 12:00:00", "true",
        '[{"k": "é", "n": null}]',
    )  # fmt: skip
    assert redshift.rows("SELECT name FROM lake.artists ORDER BY 1") == [("Ann O'Hara",), ('Bo, "B"',)]
    for table in redshift.verify(bench).values():
        assert table.success, table.differing
    assert len(redshift.verify(bench)["albums"].figures) > 20
    orphans = "SELECT COUNT(*) FROM lake.albums WHERE artist_id NOT IN (SELECT artist_id FROM lake.artists)"
    assert redshift.rows(orphans) == [("0",)]  # the orphan that was delivered is in the quarantine


def test_a_second_delivery_is_upserted_and_a_removed_key_leaves(bench: Bench, redshift) -> None:
    albums_alone(bench)
    bench.run()
    redshift.make_tables(bench)
    redshift.load(bench)
    put_albums(bench, 2, {**ONE, "price": 12}, {"album_id": 2, "gone": "yes"}, {"album_id": 4, "artist_id": "x"})
    bench.run()
    export = latest(bench.lake.storage, "albums")
    assert export is not None
    assert (export.whole, export.row_count, export.removed_count, export.sequence) == (False, 2, 1, 2)
    loaded = redshift.load(bench)["albums"]
    assert (loaded.runs, loaded.rows, loaded.removed) == ((export.run,), 2, 1)
    assert redshift.rows("SELECT album_id, price FROM lake.albums ORDER BY 1") == [("1", "12.00"), ("4", None)]
    assert redshift.verify(bench)["albums"].success


def test_repeating_a_load_changes_nothing_also_after_a_newer_one(bench: Bench, redshift) -> None:
    from headgate.warehouse.load import load_statements

    albums_alone(bench)
    bench.run()
    first = latest(bench.lake.storage, "albums")
    put_albums(bench, 2, {**ONE, "price": 12})
    bench.run()
    redshift.make_tables(bench)
    assert len(redshift.load(bench)["albums"].runs) == 2
    assert redshift.load(bench)["albums"].runs == ()
    before = redshift.rows("SELECT * FROM lake.albums ORDER BY 1"), redshift.rows("SELECT * FROM lake.headgate_loads")
    assert first is not None
    redshift.api.batch(load_statements(bench.project().contracts["albums"], first, redshift.warehouse), "again")
    after = redshift.rows("SELECT * FROM lake.albums ORDER BY 1"), redshift.rows("SELECT * FROM lake.headgate_loads")
    assert before == after


def test_a_load_that_skipped_runs_takes_them_in_order(bench: Bench, redshift) -> None:
    albums_alone(bench)
    bench.run()
    redshift.make_tables(bench)
    redshift.load(bench)
    for number, price in ((2, 20), (3, 30), (4, 40)):
        put_albums(bench, number, {**ONE, "price": price}, {"album_id": 10 + number})
        bench.run("albums")
    assert len(redshift.load(bench)["albums"].runs) == 3
    found = redshift.rows("SELECT album_id, price FROM lake.albums ORDER BY 1")
    assert found == [("1", "40.00"), ("2", None), ("12", None), ("13", None), ("14", None)]
    assert redshift.verify(bench)["albums"].success


def test_an_export_whose_predecessor_is_missing_changes_nothing(bench: Bench, redshift) -> None:
    from headgate.warehouse.load import load_statements

    albums_alone(bench)
    bench.run()
    put_albums(bench, 2, {**ONE, "price": 12})
    bench.run()
    redshift.make_tables(bench)
    newest = latest(bench.lake.storage, "albums")
    assert newest is not None and not newest.whole
    redshift.api.batch(load_statements(bench.project().contracts["albums"], newest, redshift.warehouse), "early")
    assert redshift.rows("SELECT COUNT(*) FROM lake.albums") == [("0",)]
    assert not redshift.verify(bench)["albums"].success


def test_a_load_killed_between_copy_and_commit_leaves_the_old_rows(bench: Bench, redshift) -> None:
    albums_alone(bench)
    bench.run()
    redshift.make_tables(bench)
    redshift.load(bench)
    before = redshift.rows("SELECT * FROM lake.albums ORDER BY 1")
    put_albums(bench, 2, {**ONE, "price": 12})
    bench.run()
    redshift.abort_after("DELETE")
    with pytest.raises(RunFailed, match="the session ended before its transaction was committed"):
        redshift.load(bench)
    assert redshift.rows("SELECT * FROM lake.albums ORDER BY 1") == before
    assert len(redshift.load(bench)["albums"].runs) == 1
    assert redshift.verify(bench)["albums"].success


def test_a_file_missing_from_its_manifest_loads_nothing(bench: Bench, redshift) -> None:
    albums_alone(bench)
    bench.run()
    redshift.make_tables(bench)
    (file,) = _files(bench, "albums")
    content = file.read_bytes()
    file.unlink()
    with pytest.raises(RunFailed, match=r"The specified S3 prefix 'file://.*' does not exist"):
        redshift.load(bench, "albums")
    assert redshift.rows("SELECT COUNT(*) FROM lake.albums") == [("0",)]
    file.write_bytes(content[:-1])
    with pytest.raises(RunFailed, match="COPY found"):
        redshift.load(bench, "albums")
    file.write_bytes(content)
    assert redshift.load(bench, "albums")["albums"].rows == 2


def test_a_file_with_columns_in_another_order_is_refused_by_type(bench: Bench, redshift) -> None:
    albums_alone(bench)
    bench.run()
    redshift.make_tables(bench)
    _rewrite(bench, "albums", lambda names: [names[1], names[0], *names[2:]])
    with pytest.raises(RunFailed, match="incompatible Parquet schema for column 'artist_id'"):
        redshift.load(bench, "albums")


def test_texts_in_another_order_are_loaded_and_found_by_verification(bench: Bench, redshift) -> None:
    artists_alone(bench)
    bench.run()
    redshift.make_tables(bench)
    _rewrite(bench, "artists", lambda names: [names[0], names[2], names[1]])
    redshift.load(bench, "artists")
    wrong = redshift.verify(bench, "artists")["artists"]
    assert not wrong.success
    assert [figure.figure for figure in wrong.differing] == ["name.bytes", "_run.bytes"]


def test_a_file_with_one_column_less_is_refused(bench: Bench, redshift) -> None:
    artists_alone(bench)
    bench.run()
    redshift.make_tables(bench)
    _rewrite(bench, "artists", lambda names: names[:-1])
    with pytest.raises(
        RunFailed, match=r"Unmatched number of columns between table and file. Table columns: 3, Data columns: 2"
    ):
        redshift.load(bench, "artists")


def test_a_run_after_a_rollback_and_a_rebuild_export_the_whole_table(bench: Bench, redshift) -> None:
    albums_alone(bench)
    bench.run()
    put_albums(bench, 2, {**ONE, "price": 12})
    bench.run()
    albums = bench.project().contracts["albums"]
    roll_back(bench.spark, bench.lake, albums)
    resume(bench.spark, bench.lake, albums)
    put_albums(bench, 3, {"album_id": 5})
    bench.run("albums")
    export = latest(bench.lake.storage, "albums")
    assert export is not None and export.whole
    redshift.make_tables(bench)
    assert redshift.load(bench)["albums"].runs == (export.run,)
    assert redshift.verify(bench)["albums"].success
    bench.run("albums", full=True)
    export = latest(bench.lake.storage, "albums")
    assert export is not None and export.whole
    redshift.load(bench)
    assert redshift.rows("SELECT album_id FROM lake.albums ORDER BY 1") == [("1",), ("2",), ("5",)]
    assert redshift.verify(bench)["albums"].success


def test_exports_that_expired_are_needed_only_by_a_load_that_comes_after(bench: Bench, redshift) -> None:
    albums_alone(bench)
    bench.run()
    redshift.make_tables(bench)
    redshift.load(bench)
    _expire(bench)
    put_albums(bench, 2, {**ONE, "price": 12})
    bench.run("albums")
    newest = latest(bench.lake.storage, "albums")
    assert newest is not None and (newest.sequence, newest.whole) == (2, False)
    assert redshift.load(bench)["albums"].runs == (newest.run,)
    put_albums(bench, 3, {**ONE, "price": 13})
    bench.run("albums")
    _expire(bench)
    put_albums(bench, 4, {**ONE, "price": 14})
    bench.run("albums")
    before = redshift.rows("SELECT * FROM lake.albums ORDER BY 1")
    with pytest.raises(RunFailed, match="the export cannot be read") as refused:
        redshift.load(bench)
    assert "--full" in str(refused.value)
    assert redshift.rows("SELECT * FROM lake.albums ORDER BY 1") == before
    bench.run("albums", full=True)
    assert redshift.load(bench)["albums"].rows == 2
    assert redshift.verify(bench)["albums"].success


def test_a_failed_export_is_noted_and_repeated_by_the_next_run(bench: Bench, redshift, monkeypatch) -> None:
    from headgate.warehouse import export

    albums_alone(bench)
    monkeypatch.setattr(export, "_files", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    albums = bench.run().outcomes["albums"]
    assert albums.status == "published"
    assert any("not exported for the warehouse" in note and "disk full" in note for note in albums.notes)
    monkeypatch.undo()
    assert bench.run().outcomes["albums"].status == "unchanged"
    redshift.make_tables(bench)
    assert redshift.load(bench)["albums"].rows == 2
    assert redshift.verify(bench)["albums"].success


def test_a_text_that_its_column_cannot_hold_is_not_exported(bench: Bench, redshift) -> None:
    bench.contract("artists", ARTISTS)
    bench.put("artists/1.csv", csv("x," + "é" * 33_000, header="artist_id,name"))
    (note,) = bench.run().outcomes["artists"].notes
    assert "`name` has a value of 66,000 bytes, and Redshift's column holds 65,535" in note


def test_a_mart_is_loaded_whole_each_time(bench: Bench, redshift) -> None:
    music(bench)
    bench.sql(
        "marts/top.sql", "SELECT name, COUNT(*) AS albums FROM artists JOIN albums USING (artist_id) GROUP BY name"
    )
    bench.contract(
        "top",
        "source: {query: marts/top.sql}\nserving: {warehouse: true}\nkey: [name]\n"
        "columns: [{name: name, type: string}, {name: albums, type: bigint}]\n",
    )
    bench.run()
    redshift.make_tables(bench)
    redshift.load(bench)
    put_albums(bench, 2, {"album_id": 9, "artist_id": "x"})
    bench.run()
    redshift.load(bench)
    assert redshift.rows("SELECT name, albums FROM lake.top ORDER BY 1") == [("Ann O'Hara", "2"), ('Bo, "B"', "1")]
    assert redshift.verify(bench)["top"].success


def test_owner_loader_and_reader_do_their_part_and_nothing_else(bench: Bench, redshift) -> None:
    albums_alone(bench)
    bench.run()
    owner, loader, reader = (f"{redshift.warehouse.schema}-{role}" for role in ("owner", "loader", "analyst"))
    redshift.add(Members(owner, (loader,), (reader,)))
    redshift.add(Members(owner, (loader,), (reader,)))  # again: nothing is lacking
    with pytest.raises(RunFailed, match="permission denied"):
        redshift.come_as(loader).make_tables(bench)
    redshift.come_as(owner).make_tables(bench)
    with pytest.raises(RunFailed, match="permission denied"):
        redshift.come_as(reader).load(bench)
    assert redshift.come_as(loader).load(bench)["albums"].rows == 2
    assert redshift.come_as(loader).verify(bench)["albums"].success
    assert redshift.come_as(reader).rows("SELECT COUNT(*) FROM lake.albums") == [("2",)]
    for role, statement in (
        (reader, "DELETE FROM lake.albums"),
        (reader, "CREATE TABLE lake.mine (id INT)"),
        (loader, "ALTER TABLE lake.albums DROP COLUMN price"),
        (loader, "DROP TABLE lake.albums"),
        (loader, f"ALTER GROUP {redshift.warehouse.schema}_loaders ADD USER awsuser"),
        (owner, "CREATE USER eve PASSWORD DISABLE"),
    ):
        with pytest.raises(RunFailed, match=r"permission denied|must be owner"):
            redshift.come_as(role).run(statement)


def test_a_reader_reads_every_table_and_writes_none(bench: Bench, redshift) -> None:
    albums_alone(bench)
    bench.run()
    redshift.make_tables(bench)
    redshift.load(bench)
    schema = redshift.warehouse.schema
    redshift.run(f"CREATE USER ana_{schema} PASSWORD DISABLE", f"ALTER GROUP {schema}_readers ADD USER ana_{schema}")

    def as_ana(sql: str) -> str:
        asked = {"Database": "dev", "ClusterIdentifier": "c", "DbUser": f"ana_{schema}"}
        return redshift.client.describe_statement(Id=redshift.client.execute_statement(Sql=sql, **asked)["Id"])[
            "Status"
        ]

    assert as_ana(f"SELECT COUNT(*) FROM {schema}.albums") == "FINISHED"
    assert as_ana(f"DELETE FROM {schema}.albums") == "FAILED"


def _expire(bench: Bench) -> None:
    """Delete what the lifecycle rule of a lake on AWS deletes."""
    shutil.rmtree(bench.root / "lake/exports/redshift")


def _files(bench: Bench, dataset: str) -> list[Path]:
    return sorted((bench.root / f"lake/exports/redshift/{dataset}").rglob("rows/*.parquet"))


def _rewrite(bench: Bench, dataset: str, order) -> None:
    """Write a dataset's exported file again with other columns, and the manifest for it."""
    (file,) = _files(bench, dataset)
    table = pq.read_table(file, partitioning=None)
    pq.write_table(table.select(order(table.column_names)), file)
    manifest = file.parent.with_name("rows.manifest")
    content = json.loads(manifest.read_text())
    content["entries"][0]["meta"]["content_length"] = file.stat().st_size
    manifest.write_text(json.dumps(content))
