from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from headgate.demo.catalogue import Sizes, catalogue
from headgate.demo.delivery import Delivery, Shelf
from headgate.demo.dirt import planted
from headgate.demo.generate import Generated, generate

SMALL = Sizes(artists=300, albums=600, tracks=4_000, playlists=40, listings=2_500)


@pytest.fixture(scope="module")
def shelves() -> list[Shelf]:
    rng = Random(1)
    return planted(rng, catalogue(rng, SMALL))


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generate(tmp_path_factory.mktemp("demo"), seed=1, sizes=SMALL)


def _bytes_of(made: Generated) -> dict[str, str]:
    return {str(f.relative_to(made.staging)): hashlib.sha256(f.read_bytes()).hexdigest() for f in made.files}


def _records(delivery: Delivery) -> list[list[str]]:
    content = delivery.content()
    plain = gzip.decompress(content) if delivery.name.endswith(".gz") else content
    return list(csv.reader(io.StringIO(plain.decode("utf-8-sig", "surrogateescape"))))


def test_the_same_seed_gives_the_same_bytes_and_the_same_truth(generated: Generated, tmp_path: Path):
    again = generate(tmp_path, seed=1, sizes=SMALL)
    assert _bytes_of(again) == _bytes_of(generated)
    assert again.truth == generated.truth


def test_another_seed_gives_other_rows(generated: Generated, tmp_path: Path):
    other = _bytes_of(generate(tmp_path, seed=2, sizes=SMALL))
    same = [name for name, digest in _bytes_of(generated).items() if other[name] == digest]
    assert same == ["tracks/2026-02.csv"]  # the error page has no rows


def test_the_book_of_every_source_adds_up(shelves: list[Shelf]):
    for shelf in shelves:
        assert shelf.read == len(shelf.final) + shelf.superseded + shelf.quarantined, shelf.dataset


def test_the_files_hold_as_many_records_as_the_book_says(shelves: list[Shelf]):
    for shelf in shelves:
        assert sum(len(_records(delivery)) - 1 for delivery in shelf.deliveries) == shelf.read, shelf.dataset


def test_no_two_files_of_a_source_have_the_same_header(shelves: list[Shelf]):
    for shelf in shelves:
        now = [delivery for delivery in shelf.deliveries if delivery.name != "restored-backup.csv"]
        headers = [tuple(_records(delivery)[0]) for delivery in now]
        assert len(set(headers)) == len(headers), shelf.dataset


def test_a_row_with_one_value_too_many_is_really_ragged(shelves: list[Shelf]):
    tracks = next(shelf for shelf in shelves if shelf.dataset == "tracks")
    header, *records = _records(tracks.deliveries[0])
    assert [len(record) - len(header) for record in records if len(record) != len(header)] == [1] * 7


def test_a_name_in_latin_1_is_really_no_utf_8(shelves: list[Shelf]):
    tracks = next(shelf for shelf in shelves if shelf.dataset == "tracks")
    with pytest.raises(UnicodeDecodeError):
        tracks.deliveries[0].content().decode("utf-8")


def test_an_upload_that_broke_off_really_ends_too_early(generated: Generated):
    cut = (generated.staging / "albums" / "2026-02.csv.gz").read_bytes()
    unpack = zlib.decompressobj(wbits=31)
    assert unpack.decompress(cut)
    assert not unpack.eof


def test_every_file_arrives_when_its_sender_says(generated: Generated):
    backup = generated.staging / "tracks" / "restored-backup.csv"
    assert datetime.fromtimestamp(backup.stat().st_mtime, UTC) == datetime(2025, 8, 2, 6, tzinfo=UTC)
    assert min(generated.staging.glob("tracks/*"), key=lambda file: file.stat().st_mtime) == backup


def test_making_the_files_again_writes_none_of_them(generated: Generated):
    assert generate(generated.staging.parent, seed=1, sizes=SMALL).written == ()


def test_a_file_that_was_changed_is_put_back_and_a_strange_one_is_left_and_named(tmp_path: Path):
    made = generate(tmp_path, seed=1, sizes=SMALL)
    (made.staging / "artists" / "2025-10.csv").write_text("artist_id,name\n")
    stranger = made.staging / "artists" / "mine.csv"
    stranger.write_text("artist_id,name\n")
    again = generate(tmp_path, seed=1, sizes=SMALL)
    assert [file.name for file in again.written] == ["2025-10.csv"]
    assert again.strangers == (stranger,)
    assert _bytes_of(again) == _bytes_of(made)
