"""Two questions about the music catalogue, answered from the published tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from headgate.cli.query import query
from headgate.demo.compare import Answers
from headgate.errors import UnusableArgument
from headgate.lake.paths import Lake

_TITLES = {
    "top_artists": "Which artists are the most popular, on average over their tracks?",
    "popularity_by_danceability_and_energy": "Average popularity by danceability (down) and energy (across)",
}
_TRACKS_BY_GENRE = "SELECT genre, SUM(tracks)::BIGINT AS tracks FROM genre_by_year GROUP BY genre ORDER BY genre"


def answers(lake: Lake, sql: Path) -> Answers:
    """The rows that answer each question, by the named queries under `sql/analysis/`."""
    rows = {name: query(_named(sql, name), lake).fetchall() for name in _TITLES}
    return {**rows, "tracks_by_genre": query(_TRACKS_BY_GENRE, lake).fetchall()}


def show_answers(console: Console, answered: Answers) -> None:
    """Print the two questions and their answers."""
    artists = Table("artist_name")
    artists.add_column("average_popularity", justify="right")
    artists.add_column("tracks", justify="right")
    for name, popularity, tracks in answered["top_artists"]:
        artists.add_row(name, f"{popularity:.2f}", f"{tracks:,}")
    _show(console, "top_artists", artists)
    name = "popularity_by_danceability_and_energy"
    _show(console, name, _grid(answered[name]))


def _show(console: Console, name: str, table: Table) -> None:
    console.print(f"\n{_TITLES[name]} [dim](sql/analysis/{name}.sql)[/]", soft_wrap=True)
    console.print(table)


def _grid(rows: Sequence[Sequence[Any]]) -> Table:
    """One line per band of danceability, one column per band of energy; each cell has the number of tracks below."""
    bands = sorted({float(row[1]) for row in rows})
    grid = Table("", show_lines=True)
    for energy in bands:
        grid.add_column(_band(energy), justify="right")
    cells = {(float(row[0]), float(row[1])): f"{row[2]:.1f}\n[dim]{row[3]:,}[/]" for row in rows}
    for dance in sorted({float(row[0]) for row in rows}):
        grid.add_row(_band(dance), *(cells.get((dance, energy), "") for energy in bands))
    return grid


def _band(start: float) -> str:
    return f"{start:.1f}-{start + 0.2:.1f}"


def _named(sql: Path, name: str) -> str:
    file = sql / "analysis" / f"{name}.sql"
    if not file.is_file():
        raise UnusableArgument(
            "there is no such query", where=str(file), remedy="Run the demo in a checkout of Headgate."
        )
    return file.read_text(encoding="utf-8")
