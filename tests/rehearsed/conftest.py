"""One rehearsal on the real music files, which stays up for all tests of this folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import needs
from headgate.spark.jars import cache_folder
from rehearsal.walk.again import attach
from rehearsal.walk.kept_rehearsal import KeptRehearsal, kept, take_down
from rehearsal.walk.progress import Progress
from rehearsal.walk.walk import Walk

FOLDER = cache_folder() / "rehearsal" / "now"
# The figures of the data set's truth that the published tables must have, and the SQL for each.
FIGURES = {
    "distinct album_id in albums (rows-distinct = multi-artist albums)": (
        "SELECT COUNT(DISTINCT album_id), COUNT(*) - COUNT(DISTINCT album_id) FROM tbl_albums"
    ),
    "tracks after dedupe by track_id": "SELECT COUNT(*) FROM tbl_tracks",
    "join deduped tracks x artists x features(dedup)": (
        "SELECT COUNT(*) FROM tbl_tracks JOIN tbl_artists USING (artist_id) JOIN tbl_features USING (track_id)"
    ),
    "distinct tracks per genre": (
        "SELECT genre, COUNT(DISTINCT track_id) FROM tbl_playlist_tracks GROUP BY genre ORDER BY 2 DESC"
    ),
}


@dataclass(frozen=True)
class Rehearsed:
    """The rehearsal that is up, and what it printed."""

    walk: Walk
    up: KeptRehearsal
    printed: str


@pytest.fixture(scope="session")
def rehearsed(
    terraform_env: dict[str, str], shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rehearsed]:
    """Run `python -m rehearsal --keep` on the real files and their figures, faults on purpose included."""
    needs.insist("ministack")
    needs.insist("trino")
    assert kept(FOLDER / "kept.json") is None, "a rehearsal is up; end it with `make rehearse-down`"
    known = json.loads((shared_data / "music" / "truth.json").read_text())["truth"]
    truth = {figure["what"]: figure["result"] for figure in known}
    answers = tmp_path_factory.mktemp("rehearsed") / "answers.json"
    answers.write_text(json.dumps([{"what": what, "sql": sql, "result": truth[what]} for what, sql in FIGURES.items()]))
    try:
        source = shared_data / "music" / "files"
        printed = rehearsal("--keep", "--source", str(source), "--answers", str(answers), env=terraform_env)
        os.environ |= terraform_env  # so that the tests' own commands find Terraform as the rehearsal did
        up = kept(FOLDER / "kept.json")
        assert up is not None, printed
        yield Rehearsed(attach(FOLDER, Progress()), up, printed)
    finally:
        take_down(FOLDER / "kept.json")


def rehearsal(*words: str, env: dict[str, str]) -> str:
    """Run `python -m rehearsal`, which must succeed; returns what it printed."""
    command: Sequence[str] = [sys.executable, "-m", "rehearsal", *words]
    done = subprocess.run(command, cwd=needs.ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words} ended with {done.returncode}:\n{done.stdout[-6000:]}\n{done.stderr}"
    return done.stdout
