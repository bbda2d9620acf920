"""The product's own music contracts, as they are, on real files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from real_run import Figure, RealRun, asked, assert_rows_add_up, assert_same, truth_of
from rich.console import Console

from headgate.demo.session import demo_on, lake_for
from needs import ROOT

SOURCES = ("artists", "albums", "tracks", "features", "playlist_tracks")
FAN_OUT = "same join WITHOUT dedupe (fan-out trap)"
FIGURES = {
    "rows artists/albums/tracks/features/playlist_tracks": Figure(
        lambda ran: [[ran.runs[0][dataset].read for dataset in SOURCES]]
    ),
    "distinct album_id in albums (rows-distinct = multi-artist albums)": asked(
        "SELECT COUNT(DISTINCT album_id), COUNT(*) - COUNT(DISTINCT album_id) FROM albums"
    ),
    "tracks after dedupe by track_id": asked("SELECT COUNT(*) FROM tracks"),
    "join deduped tracks x artists x features(dedup)": asked(
        "SELECT COUNT(*) FROM tracks JOIN artists USING (artist_id) JOIN features USING (track_id)"
    ),
    "distinct tracks per genre": asked(
        "SELECT genre, COUNT(DISTINCT track_id) FROM playlist_tracks GROUP BY genre ORDER BY 2 DESC"
    ),
}


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("music")


@pytest.fixture(scope="module")
def music(spark: SparkSession, shared_data: Path, lakes: Path) -> RealRun:
    source = shared_data / "music" / "files"
    ran = RealRun(spark, ROOT / "contracts", source, lake_for(source, lakes))
    ran.again()
    return ran


@pytest.fixture(scope="module")
def raw(shared_data: Path) -> dict[str, list[dict[str, str]]]:
    """The raw rows of the sources, by another reader."""
    files = {name: shared_data / "music" / "files" / name / f"{name}.csv" for name in ("tracks", "albums")}
    return {name: list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))) for name, file in files.items()}


@pytest.mark.parametrize("what", FIGURES)
def test_music_gives_the_figure_of_its_truth(music: RealRun, shared_data: Path, what: str):
    assert_same(FIGURES[what].answer(music), truth_of(shared_data / "music")[what])


def test_the_catalogue_has_the_rows_of_the_guarded_join_and_not_of_the_fan_out(music: RealRun, shared_data: Path):
    truth = truth_of(shared_data / "music")
    rows = [list(row) for row in music.rows("SELECT COUNT(*) FROM track_catalogue")]
    assert rows == truth["join deduped tracks x artists x features(dedup)"]
    assert rows != truth[FAN_OUT]


def test_genre_by_year_counts_each_track_once_in_each_of_its_genres(music: RealRun, shared_data: Path):
    found = music.rows("SELECT genre, SUM(tracks)::BIGINT FROM genre_by_year GROUP BY genre ORDER BY 2 DESC")
    assert_same(found, truth_of(shared_data / "music")["distinct tracks per genre"])


def test_no_figure_of_the_music_truth_goes_unasked(shared_data: Path):
    assert truth_of(shared_data / "music").keys() == FIGURES.keys() | {FAN_OUT}


def test_the_rows_of_every_music_table_add_up(music: RealRun):
    assert_rows_add_up(music)


def test_no_row_of_the_real_catalogue_is_refused(music: RealRun):
    assert [music.runs[0][dataset].quarantined for dataset in SOURCES] == [0] * len(SOURCES)


def test_a_name_that_says_na_is_null_and_its_row_is_kept(music: RealRun, raw: dict):
    called_na = {row["track_id"] for row in raw["tracks"] if row["name"] == "NA"}
    found = {track for (track,) in music.rows("SELECT track_id FROM tracks WHERE track_name IS NULL")}
    assert found == called_na
    assert len(called_na) > 0


def test_a_date_known_by_month_or_year_takes_the_first_day(music: RealRun, raw: dict):
    dates = {(row["album_id"], row["artist_id"]): f"{row['release_date']}-01-01"[:10] for row in raw["albums"]}
    assert {len(row["release_date"]) for row in raw["albums"]} == {4, 7, 10}
    found = music.rows("SELECT album_id, artist_id, CAST(release_date AS VARCHAR) FROM albums")
    assert {(album, artist): date for album, artist, date in found} == dates


def test_playlist_tracks_lie_in_one_hive_folder_per_genre(music: RealRun, shared_data: Path):
    genres = {genre for genre, _ in truth_of(shared_data / "music")["distinct tracks per genre"]}
    parquet = (music.folder / "data-warehouse" / "playlist_tracks").rglob("*.parquet")
    assert {file.parent.name for file in parquet} == {f"genre={genre}" for genre in genres}


def test_the_demo_runs_on_files_of_ones_own_and_answers_the_questions(music: RealRun, lakes: Path):
    said = io.StringIO()
    assert demo_on(Console(file=said, width=160), ROOT / "contracts", music.source, lakes) == 0
    top = music.rows((ROOT / "sql" / "analysis" / "top_artists.sql").read_text(encoding="utf-8"))
    assert len(top) == 10
    assert all(f"{popularity:.2f}" in said.getvalue() and artist in said.getvalue() for artist, popularity, _ in top)
    assert "Nothing has changed" in said.getvalue()
