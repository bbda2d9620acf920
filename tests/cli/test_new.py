"""`headgate new`, from a file to a published table."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import Result

from bench import Bench
from headgate.errors import UnusableArgument
from terminal import Terminal


def invoices() -> tuple[bytes, float]:
    """An export as an accountant in Germany makes it, and the sum of its amounts."""
    made, lines, total = random.Random(7), ["Rechnungs-Nr.;Kunde;E-Mail;Datum;Betrag;Bezahlt;PLZ"], 0
    for number in range(500):
        cents = made.randrange(100, 2_000_000)
        total += cents
        amount = f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}"
        day = f"{made.randrange(1, 29):02}.{made.randrange(1, 13):02}.2025"
        customer = made.choice(["Müller GmbH", "Groß & Söhne", "Käfer AG"])
        paid, code = made.choice(["ja", "nein"]), f"{made.randrange(1000, 99999):05}"
        lines.append(f"R{number + 1000};{customer};k{number}@example.org;{day};{amount};{paid};{code}")
    return ("\r\n".join(lines) + "\r\n").encode("cp1252"), total / 100


def test_an_invoice_export_is_published_by_one_new_and_one_run_without_an_edit(
    bench: Bench, headgate: Callable[..., Result], tmp_path: Path
) -> None:
    content, total = invoices()
    export = bench.root / "export.csv"
    export.write_bytes(content)
    made = headgate("new", "invoices", "--from", "export.csv", "--domain", "sales", "--owner", "ann@example.org")
    assert made.exit_code == 0, made.output
    assert made.output.splitlines() == [
        "wrote contracts/sales/invoices.yaml: 7 columns, from all 500 rows",
        "copied 1 file to staging/invoices",
        "  look at: e_mail: looks personal and is masked",
        "Next: read the contract's comments, then `headgate run invoices`.",
    ]
    run = headgate("run", "invoices", "--json")
    counted = json.loads(run.stdout)["datasets"]["invoices"]
    assert (run.exit_code, counted["published"], counted["quarantined"]) == (0, 500, 0)
    select = "SELECT sum(betrag), count(*) FILTER (kunde = 'Müller GmbH') > 0, min(length(e_mail)) FROM invoices"
    rows, with_umlaut, hashed = bench.rows(select)[0]
    assert (float(rows), with_umlaut, hashed > 40) == (total, True, True)


def test_files_below_staging_stay_where_they_are(bench: Bench, headgate: Callable[..., Result]) -> None:
    bench.put("in/2026/a.csv", "id,x\n1,2\n")
    assert headgate("new", "things", "--from", "staging/in").exit_code == 0
    contract = yaml.safe_load((bench.root / "contracts/data/things.yaml").read_text())
    assert (contract["source"]["path"], contract["owner"]) == ("in/", "you@example.org")
    assert not (bench.root / "staging/things").exists()


def test_a_folder_is_read_by_its_most_frequent_ending(bench: Bench, headgate: Callable[..., Result]) -> None:
    folder = bench.root / "delivery"
    folder.mkdir()
    for name in ("a.csv", "b.csv", "readme.txt", ".hidden.csv", "empty.csv"):
        (folder / name).write_text("" if name == "empty.csv" else f"id,from\n{ord(name[0])},{name}\n")
    assert "from all 2 rows of 2 files" in headgate("new", "things", "--from", "delivery").output
    assert sorted(file.name for file in (bench.root / "staging/things").iterdir()) == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("Things", "--from", "a.csv"),
            "`Things` is not a dataset's name\nUse lower case, digits and `_`: `things`.",
        ),
        (("things", "--from", "b.csv"), "b.csv: there is no such file or folder"),
        (("orders", "--from", "a.csv"), "`orders` has a contract"),
        (("things", "--from", "empty"), "empty: there is no file with content"),
        (("things",), "Missing option '--from'"),
    ],
)
def test_what_cannot_be_proposed_is_named(
    bench: Bench, headgate: Callable[..., Result], words: tuple[str, ...], message: str
) -> None:
    (bench.root / "a.csv").write_text("id,x\n1,2\n")
    (bench.root / "empty").mkdir()
    (bench.root / "contracts/shop").mkdir(parents=True)
    (bench.root / "contracts/shop/orders.yaml").write_text("dataset: orders\n")
    answer = headgate("new", *words)
    assert isinstance(answer.exception, UnusableArgument) or answer.exit_code == 2
    assert message in answer.output + str(answer.exception)
    assert not list((bench.root / "contracts").glob("*/things.yaml"))


def test_at_a_terminal_it_asks_whom_it_belongs_to(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,x\n1,2\n2,3\n")
    terminal = Terminal(tmp_path, "new", "things", "--from", "a.csv", columns=80)
    try:
        terminal.wait_for("Which business domain owns it? [data] ")
        terminal.press("sales\n")
        terminal.wait_for("Whom to ask about it? [you@example.org] ")
        terminal.press("\n")
        assert terminal.end() == 0
    finally:
        terminal.close()
    contract = yaml.safe_load((tmp_path / "contracts/sales/things.yaml").read_text())
    assert (contract["domain"], contract["owner"]) == ("sales", "you@example.org")


# What a person changes in the proposal, so that the real files are published: at most three edits each.
EDITS: Mapping[str, Mapping[str, str]] = {
    "chinook/Customer.csv": {},
    "chinook/Invoice.csv": {},
    "chinook/Track.csv": {},
    "music/albums/albums.csv": {},
    "music/artists/artists.csv": {},
    "northwind/orders.csv": {"key: ": "at_most: 0.25\nkey: "},  # 176 of 830 records have commas without quotes
    "northwind/order-details.csv": {},
    "nobel_laureates/laureate_2023_object_root.json": {},
    "usgs_earthquakes/earthquakes.json": {},
    "github_events/github_events.json": {},
}


@pytest.mark.needs("real data")
def test_proposals_for_real_files_are_run_with_few_edits(
    bench: Bench, headgate: Callable[..., Result], shared_data: Path
) -> None:
    names = {}
    for path, edits in EDITS.items():
        set_name, _, inner = path.partition("/")
        name = Path(path).stem.lower().replace("-", "_")
        made = headgate("new", name, "--from", str(shared_data / set_name / "files" / inner), "--domain", "d")
        assert made.exit_code == 0, made.output
        file = bench.root / "contracts/d" / f"{name}.yaml"
        text = file.read_text(encoding="utf-8")
        for before, after in edits.items():
            assert len(edits) <= 3 and text.count(before) == 1
            text = text.replace(before, after)
        file.write_text(text, encoding="utf-8")
        names[name] = path
    run = headgate("run", "--json")
    datasets: Mapping[str, Any] = json.loads(run.stdout)["datasets"]
    assert {name: datasets[name]["status"] for name in names} == dict.fromkeys(names, "published"), run.output
    published = {path: datasets[name]["published"] for name, path in names.items()}
    assert published == {
        "chinook/Customer.csv": 59,
        "chinook/Invoice.csv": 412,
        "chinook/Track.csv": 3503,
        "music/albums/albums.csv": 22919,
        "music/artists/artists.csv": 10693,
        "northwind/orders.csv": 654,
        "northwind/order-details.csv": 2155,
        "nobel_laureates/laureate_2023_object_root.json": 992,
        "usgs_earthquakes/earthquakes.json": 1707,
        "github_events/github_events.json": 100,
    }
    total = bench.rows("SELECT sum(total) FROM invoice")
    assert str(total[0][0]) == "2328.60"
