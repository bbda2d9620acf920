"""References from contract to publication: order, verdicts, what was published last, masks, marts."""

from __future__ import annotations

import pytest

from bench import Bench, csv
from headgate.errors import UnusableContract

ARTISTS = """\
columns:
  - {name: artist_id, type: string, required: true}
  - {name: mail, type: string, classification: mail}
key: [artist_id]
at_most: 1.0
"""

ALBUMS = """\
columns:
  - {{name: album_id, type: string, required: true}}
  - {{name: artist_id, type: string}}
  - {{name: mail, type: string, classification: mail}}
key: [album_id]
at_most: 0.6
references:
  - {{columns: [artist_id], to: zz_artists{more}}}
"""


def put_artists(bench: Bench, *lines: str) -> None:
    bench.contract("zz_artists", ARTISTS)
    bench.put("zz_artists/1.csv", csv(*lines, header="artist_id,mail"))


def put_albums(bench: Bench, *lines: str, more: str = "", extra: str = "") -> None:
    bench.contract("albums", ALBUMS.format(more=more) + extra)
    bench.put("albums/1.csv", csv(*lines, header="album_id,artist_id,mail"))


def test_what_is_referred_to_runs_first_and_orphans_are_quarantined(bench: Bench) -> None:
    put_artists(bench, "x,x@x", "y,y@y")
    put_albums(bench, "1,x,", "2,nobody,", "3,,")
    result = bench.run()
    assert list(result.outcomes) == ["zz_artists", "albums"]
    albums = result.outcomes["albums"]
    assert (albums.read, albums.published, albums.quarantined) == (3, 2, 1)
    found = next(check for check in albums.checks if check.check.expect == "reference")
    assert (found.success, found.unexpected_count, found.samples) == (False, 1, ("nobody",))
    assert bench.rows("SELECT album_id FROM albums ORDER BY 1") == [("1",), ("3",)]


@pytest.mark.parametrize(("verdict", "status", "rows"), [("warn", "published", 2), ("stop", "closed", None)])
def test_orphans_that_warn_or_stop(bench: Bench, verdict: str, status: str, rows: int | None) -> None:
    put_artists(bench, "x,x@x")
    put_albums(bench, "1,x,", "2,nobody,", more=f", otherwise: {verdict}")
    albums = bench.run().outcomes["albums"]
    assert albums.status == status
    assert rows is None or albums.rows_after == rows
    if status == "closed":
        assert "artist_id: not found in zz_artists (1 rows" in str(albums.reason)


def test_the_last_published_version_counts_when_the_target_closes(bench: Bench) -> None:
    put_artists(bench, "x,x@x")
    put_albums(bench, "1,x,")
    bench.run()
    bench.contract("zz_artists", ARTISTS.replace("at_most: 1.0", "at_most: 0.0"))
    bench.put("zz_artists/2.csv", csv("z,", ",bad", header="artist_id,mail"), 60)
    bench.put("albums/2.csv", csv("2,x,", "3,z,", header="album_id,artist_id,mail"), 60)
    result = bench.run()
    assert result.outcomes["zz_artists"].status == "closed"
    assert (result.outcomes["albums"].status, result.outcomes["albums"].quarantined) == ("published", 1)


@pytest.mark.parametrize(("verdict", "status"), [("quarantine", "closed"), ("stop", "closed"), ("warn", "published")])
def test_a_target_that_was_never_published_closes_the_gate_unless_orphans_warn(
    bench: Bench, verdict: str, status: str
) -> None:
    bench.contract("zz_artists", ARTISTS)
    put_albums(bench, "1,x,", more=f", otherwise: {verdict}")
    albums = bench.one("albums")
    assert albums.status == status
    told = str(albums.reason) if status == "closed" else " ".join(albums.notes)
    assert "`zz_artists` was never published, and `artist_id` refers to it" in told


def test_masked_keys_are_compared_masked_and_shown_hidden(bench: Bench) -> None:
    put_artists(bench, "x,a@a", "y,b@b")
    extra = "  - {columns: [mail], to: zz_artists, on: [mail]}\n"
    put_albums(bench, "1,x,a@a", "2,x,c@c", "3,x,", "4,nobody,d@d", extra=extra)
    albums = bench.run().outcomes["albums"]
    assert (albums.published, albums.quarantined) == (2, 2)
    by_mail = albums.checks[-1]
    assert by_mail.unexpected_count == 2
    assert set(by_mail.samples) == {"[redacted]"}


def test_a_row_with_two_missing_references_has_both_reasons(bench: Bench) -> None:
    put_artists(bench, "x,a@a")
    put_albums(bench, "1,x,", "2,nobody,d@d", extra="  - {columns: [mail], to: zz_artists, on: [mail]}\n")
    bench.run()
    (file,) = (bench.root / "lake/quarantine/albums").rglob("*.parquet")
    reasons = bench.spark.read.parquet(str(file)).first()
    assert reasons is not None
    assert reasons["_reasons"] == ["artist_id: not found in zz_artists", "mail: not found in zz_artists"]


STAFF = """\
columns:
  - {{name: id, type: int, required: true}}
  - {{name: boss, type: int}}
key: [id]
references: [{{columns: [boss], to: staff, otherwise: {verdict}}}]
"""


@pytest.mark.parametrize(("verdict", "status"), [("warn", "published"), ("stop", "closed")])
def test_a_reference_to_itself_is_judged_on_the_table_as_it_would_be(bench: Bench, verdict: str, status: str) -> None:
    bench.contract("staff", STAFF.format(verdict=verdict))
    bench.put("staff/1.csv", csv("1,", "2,1", "3,2", header="id,boss"))
    assert bench.one("staff").status == "published"  # 3 and 2 refer to rows of the same delivery
    bench.put("staff/2.csv", csv("4,3", "5,77", header="id,boss"), 60)
    staff = bench.one("staff")
    assert staff.status == status
    assert staff.checks[-1].unexpected_count == 1
    assert staff.rows_after == (5 if status == "published" else 3)


def test_a_mart_refers_too(bench: Bench) -> None:
    put_artists(bench, "x,x@x")
    bench.sql("marts/plays.sql", "SELECT artist_id AS artist FROM zz_artists UNION ALL SELECT 'nobody'")
    bench.contract(
        "plays",
        "source: {query: marts/plays.sql}\ncolumns: [{name: artist, type: string}]\n"
        "references: [{columns: [artist], to: zz_artists}]\n",
    )
    plays = bench.run().outcomes["plays"]
    assert plays.status == "closed"
    assert "artist: not found in zz_artists (1 rows" in str(plays.reason)


WRONG = {
    "{columns: [artist_id], to: artist}": "no contract describes `artist`",
    "{columns: [artist_id], to: zz_artists, on: [id]}": "`zz_artists` publishes no column `id`",
    "{columns: [album_id, artist_id], to: zz_artists}": "the key of `zz_artists` is artist_id",
    "{columns: [artist_id], to: zz_artists, on: [mail]}": "are not masked alike",
    "{columns: [number], to: zz_artists}": "`number` is int, `zz_artists.artist_id` is string",
    "{columns: [artist_id], to: back}": "these refer to each other: albums → back",
}


@pytest.mark.parametrize("reference", WRONG)
def test_check_refuses_references_that_no_value_could_follow(bench: Bench, reference: str) -> None:
    bench.contract("zz_artists", ARTISTS)
    columns = "columns: [{name: album_id, type: string}, {name: artist_id, type: string}, {name: number, type: int}]\n"
    bench.contract("albums", f"{columns}key: [album_id]\nreferences: [{reference}]\n")
    bench.contract("back", f"{columns}key: [artist_id]\nreferences: [{{columns: [album_id], to: albums}}]\n")
    with pytest.raises(UnusableContract) as caught:
        bench.project()
    assert WRONG[reference] in str(caught.value)
