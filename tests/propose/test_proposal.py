"""What a proposed contract says of made files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.contract.load import load_contracts
from headgate.errors import UnusableArgument
from headgate.lake.storage import LocalStorage
from headgate.propose.names import published_name, published_names
from headgate.propose.personal import is_iban
from headgate.propose.proposal import Proposal, propose
from headgate.propose.text import contract_text


def proposed(folder: Path, content: str | bytes, name: str = "a.csv") -> Proposal:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    storage = LocalStorage(folder)
    return propose("orders", storage, list(storage.list()))


def contract_of(proposal: Proposal, folder: Path) -> Mapping[str, Any]:
    """The proposal's YAML, after `headgate check` has found no fault in it."""
    file = folder / "contracts" / "shop" / "orders.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = contract_text(proposal, domain="shop", owner="ann@example.org", path="orders/")
    file.write_text(text, encoding="utf-8")
    load_contracts(folder / "contracts")
    return yaml.safe_load(text)


def column(tmp_path: Path, *values: str, name: str = "x") -> Mapping[str, Any]:
    """The proposed column for these values, beside a column that numbers the rows."""
    rows = "".join(f'{number};"{value}"\n' for number, value in enumerate(values))
    found = proposed(tmp_path / "data", f"n;{name}\n{rows}")
    return contract_of(found, tmp_path)["columns"][1]


DAYS = ["31.12.2025", "01.02.2025", "15.06.2025"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["1", "2", "-3"], {"type": "int"}),
        (["1", "12345678901"], {"type": "bigint"}),
        (["1" * 25, "2"], {"type": "decimal(38,0)"}),
        (["5.0", "6.0", "7"], {"type": "int", "allow_point_zero": True}),
        (["1.5", "20.25"], {"type": "decimal(11,2)"}),
        (["1,5", "20,25"], {"type": "decimal(11,2)", "decimal": ","}),
        (["1.234,50", "12,00"], {"type": "decimal(11,2)", "decimal": ",", "thousands": "."}),
        (["1,234.50", "12.00"], {"type": "decimal(11,2)", "thousands": ","}),
        (["1'234.50", "12.00"], {"type": "decimal(11,2)", "thousands": "'"}),
        (["12,5 %", "3,25 %"], {"type": "decimal(11,2)", "decimal": ",", "strip": " %"}),
        (["1.5e10", "2"], {"type": "double"}),
        (["007", "123"], {"type": "string"}),
        (["true", "false"], {"type": "boolean"}),
        (["ja", "Nein", "ja"], {"type": "boolean", "true_texts": ["ja"], "false_texts": ["nein"]}),
        (DAYS, {"type": "date", "formats": ["dd.MM.yyyy"]}),
        (["2025-12-31", "2024", "2023-05"] + ["2025-01-01"] * 3,
         {"type": "date", "formats": ["yyyy-MM-dd", "yyyy", "yyyy-MM"]}),
        (["20251231", "20250101"], {"type": "date", "formats": ["yyyyMMdd"]}),
        (["12/31/2025", "01/02/2025"], {"type": "date", "formats": ["MM/dd/yyyy"]}),
        (["31-Dec-99", "01-Jan-02"], {"type": "date", "formats": ["dd-MMM-yy"], "century_from": 1950}),
        (["2025-12-31 00:00:00", "2025-01-01 00:00:00"], {"type": "date", "formats": ["yyyy-MM-dd HH:mm:ss"]}),
        (["2025-12-31 10:00:00"], {"type": "timestamp_ntz", "formats": ["yyyy-MM-dd HH:mm:ss"]}),
        (["2025-12-31T10:00:00Z", "2025-12-31T10:00:00.250Z"],
         {"type": "timestamp", "formats": ["yyyy-MM-dd'T'HH:mm:ssX", "yyyy-MM-dd'T'HH:mm:ss.SSSX"]}),
        (["2025-12-31T10:00:00+02:00"], {"type": "timestamp", "formats": ["yyyy-MM-dd'T'HH:mm:ssXXX"]}),
        (["08:30", "23:59"], {"type": "time", "formats": ["HH:mm"]}),
        (["n/a", "1", "2"], {"type": "int"}),
        (["yesterday", "1", "2"], {"type": "string"}),
        (["", "", ""], {"type": "string"}),
    ],
)  # fmt: skip
def test_a_column_gets_its_type_and_the_words_it_needs(tmp_path: Path, values: Sequence[str], words: dict[str, Any]):
    assert column(tmp_path, *values) == {"name": "x", **words}


def test_milliseconds_are_a_time_by_name_only(tmp_path: Path):
    values = ("1735689600000", "1735689600001")
    assert column(tmp_path, *values, name="sent_at")["formats"] == ["epoch_millis"]
    assert column(tmp_path, *values, name="bytes")["type"] == "bigint"


def test_words_for_nothing_become_null_texts_and_rare_misfits_are_named(tmp_path: Path):
    values = [str(n) for n in range(200)] + ["n/a", "NULL", "12 pieces"]
    found = proposed(tmp_path / "data", "id;x\n" + "".join(f"{n};{v}\n" for n, v in enumerate(values)))
    assert contract_of(found, tmp_path)["source"]["null_texts"] == ["", "NULL", "n/a"]
    assert found.misfits == {"x": ["12 pieces"]}
    assert "refused: `12 pieces`" in contract_text(found, domain="d", owner="o", path="p/")


def test_evidence_says_what_does_not_fit_the_other_way_round(tmp_path: Path):
    day = lambda *days: proposed(tmp_path / "data", "n,day\n" + "".join(f"{i},{d}\n" for i, d in enumerate(days)))  # noqa: E731
    assert day("31/12/2025", "01/02/2025").columns[1].kind.why == "2 of 2 fit dd/MM/yyyy; 1 do not fit MM/dd/yyyy"
    some = day("31/12/2025", "30/11/2025", "29/11/2025", "28/10/2025", "01/02/2025").columns[1].kind.why
    assert some == "5 of 5 fit dd/MM/yyyy; 4 do not fit MM/dd/yyyy"
    both = day("01/12/2025", "01/02/2025").columns[1].kind.why
    assert both == "2 of 2 fit dd/MM/yyyy, and all fit MM/dd/yyyy too: decide which is meant"


def test_a_number_that_may_be_meant_otherwise_is_pointed_out(tmp_path: Path):
    found = proposed(tmp_path / "data", "n;x\n1;1,234\n2;5,678\n")
    assert "`1,234` may be meant otherwise" in found.columns[1].kind.why


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("a,b\n1,x\n2,y\n", {}),
        ("a;b\n1;x\n2;y\n", {"delimiter": ";"}),
        ("a\tb\n1\tx\n2\ty\n", {"delimiter": "\t"}),
        ("Müller;b\n1;Köln\n2;Öl\n".encode("cp1252"), {"encoding": "cp1252", "delimiter": ";"}),
        ("a;b\n1;Köln\n2;Öl\n".encode("utf-16"), {"encoding": "utf-16", "delimiter": ";"}),
        ("\ufeffa;b\n1;Köln\n".encode(), {"delimiter": ";"}),
        ("Report of May\n\na;b\n1;x\n2;y\n3;z\n", {"delimiter": ";", "skip_lines": 2}),
        ('a,b\n1,"two\nlines"\n2,x\n', {"multi_line": True}),
        ('a,b\n1,5" pipe\n2,x\n', {"bare_quotes": "allow"}),
        ("a;b;\n1;x;\n2;y;\n", {"delimiter": ";", "trailing_delimiter": True}),
        ("1,x\n2,y\n3,z\n", {"header": False, "columns": ["column_1", "column_2"]}),
        ('a,b\n1,"say \\"no\\" to it"\n2,x\n', {"escape": "\\"}),
    ],
)
def test_how_the_bytes_are_read(tmp_path: Path, content: str | bytes, read: dict[str, Any]):
    found = contract_of(proposed(tmp_path / "data", content), tmp_path)
    assert found["source"].get("read", {}) == read
    assert len(found["columns"]) == 2


def test_records_that_do_not_fit_the_header_are_counted(tmp_path: Path):
    found = proposed(tmp_path / "data", "a,b\n1,x\n2,y,z\n3,w\n")
    assert (found.sample.ragged, len(found.sample.rows)) == (1, 2)


@pytest.mark.parametrize(
    ("header", "values", "domain"),
    [
        ("E-Mail", ["a@b.org", "c@d.org"], "contact"),
        ("note", ["a@b.org", "c@d.org"], "contact"),
        ("Nachname", ["Ada", "Eva"], "person"),
        ("x", ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"], "bank"),
        ("product_name", ["Nut", "Bolt"], None),
    ],
)
def test_personal_data_is_masked(tmp_path: Path, header: str, values: Sequence[str], domain: str | None):
    assert column(tmp_path, *values, name=header).get("classification") == domain


def test_a_comment_shows_nothing_of_personal_data(tmp_path: Path):
    rows = "".join(f"{n},{n}0123\n" for n in range(1000, 1200))
    found = proposed(tmp_path / "data", f"id,account_number\n{rows}1,secret 77\n")
    text = contract_text(found, domain="d", owner="o", path="p/")
    assert "aaaaaa 99" in text and "secret" not in text


def test_ibans_are_checked_by_their_number():
    assert is_iban("DE89 3704 0044 0532 0130 00") and not is_iban("DE88370400440532013000")


def test_the_key_is_one_column_else_two_else_none(tmp_path: Path):
    assert proposed(tmp_path / "a", "line,order_id\n1,a\n1,b\n2,c\n").key == ("order_id",)
    assert proposed(tmp_path / "b", "order_id,line,x\na,1,1\na,2,2\nb,1,2\n").key == ("order_id", "line")
    none = proposed(tmp_path / "c", "a,b\n1,1\n1,1\n")
    assert none.key == () and "without a key, rows are appended" in contract_text(
        none, domain="d", owner="o", path="p/"
    )


def test_the_newest_row_wins_by_a_column_of_changes(tmp_path: Path):
    found = proposed(tmp_path / "data", "id,made,updated_at\n1,2025-01-01,2025-01-02\n2,2025-01-01,2025-01-03\n")
    assert contract_of(found, tmp_path)["order"] == [{"column": "updated_at"}]


LINES = '{"id": 1, "at": {"city": "Rome"}, "tags": ["a"]}\n{"id": 2, "at": {"city": "Bari"}, "more": [{"x": 1}]}\n'


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (LINES, None),
        ("[" + LINES.strip().replace("\n", ",") + "]", None),
        ('{"meta": {"n": 2}, "items": [' + LINES.strip().replace("\n", ",") + "]}", "items"),
    ],
)
def test_json_records_become_columns_by_path(tmp_path: Path, content: str, records: str | None):
    found = contract_of(proposed(tmp_path / "data", content, "a.json"), tmp_path)
    assert found["source"].get("records") == records
    assert [(c["name"], c.get("source"), c["type"]) for c in found["columns"]] == [
        ("id", None, "int"),
        ("at_city", "at.city", "string"),
        ("tags", None, "array<string>"),
        ("more", None, "string"),
    ]


def test_a_document_that_is_longer_than_the_sample_gives_its_first_records(tmp_path: Path):
    record = '{"id": %d, "text": "' + "x" * 1000 + '"}'
    content = '{"rows": [' + ",".join(record % n for n in range(4000)) + "]}"
    found = proposed(tmp_path / "data", content, "a.json")
    assert not found.sample.whole and 1000 < len(found.sample.rows) < 4000
    assert contract_of(found, tmp_path)["source"]["records"] == "rows"


def test_parquet_keeps_its_types(tmp_path: Path):
    table = pa.table(
        {
            "Id": pa.array([1, 2], pa.int32()),
            "amount": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
            "at": pa.array([datetime(2025, 1, 1), None], pa.timestamp("us", "UTC")),
            "day": pa.array([date(2025, 1, 1), None]),
            "tags": pa.array([["a"], []], pa.list_(pa.string())),
        }
    )
    (tmp_path / "data").mkdir()
    pq.write_table(table, tmp_path / "data" / "a.parquet")
    storage = LocalStorage(tmp_path / "data")
    found = contract_of(propose("orders", storage, list(storage.list())), tmp_path)
    assert [c["type"] for c in found["columns"]] == ["int", "decimal(9,2)", "timestamp", "date", "array<string>"]
    assert (found["key"], found["source"]["format"]) == (["id"], "parquet")


def test_a_large_file_is_sampled_at_several_places(tmp_path: Path):
    rows = "".join(f"{number},{'early' if number < 400_000 else 'late'}\n" for number in range(800_000))
    found = proposed(tmp_path / "data", f"id,part\n{rows}")
    assert not found.sample.whole and {"early", "late"} <= set(found.sample.columns[1].texts)
    assert found.sample.seen.startswith("a sample of")


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"PK\x03\x04 and more", "a.xlsx", "is a zip file or an Excel workbook"),
        (b"\x00\x01\x02\x03" * 50, "a.bin", "is neither text nor Parquet"),
        (b"PAR1 and no more", "a.parquet", "cannot be read"),
        (b"  \n", "a.csv", "there is nothing in it"),
        (b"[1, 2, 3]", "a.json", "has no record that is an object"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes, name: str, message: str):
    with pytest.raises(UnusableArgument, match=message):
        proposed(tmp_path / "data", content, name)


def test_names_are_published_names():
    assert published_name("Kunden-Nr.") == "kunden_nr"
    assert published_name("Größe (m²)") == "groesse_m2"
    assert published_name("orderID") == "order_id"
    assert published_name("2025 total") == "c_2025_total"
    assert published_name("価格") == "column"
    assert published_names(["a", "A", "a "]) == ["a", "a_2", "a_3"]


_TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@given(st.lists(st.lists(_TEXT, min_size=3, max_size=3), min_size=2, max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_proposal_is_a_contract_that_check_accepts(tmp_path: Path, table: list[list[str]]):
    lines = [",".join('"' + value.replace('"', '""') + '"' for value in row) for row in table]
    try:
        found = proposed(tmp_path / "data", "\n".join(["one,two,three", *lines]) + "\n")
    except UnusableArgument:
        return
    contract_of(found, tmp_path)
