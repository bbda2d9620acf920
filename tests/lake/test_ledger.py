"""The ledger: a chain of small files that says what one whole file would, and is never taken for an empty one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from headgate.errors import RunFailed
from headgate.lake.ledger import WHOLE_EVERY, Entry, Ledger, entry, read_ledger, write_ledger
from headgate.lake.storage import LocalStorage, StoredObject

THEN = datetime(2026, 1, 2, tzinfo=UTC)


def put(path: str, run: str, etag: str = "e") -> Entry:
    return entry(StoredObject(path, f"file:///{path}", 1, etag, THEN), "contract", run)


def publish(storage: LocalStorage, before: Ledger, run: str, *news: Entry, whole: bool = False) -> Ledger:
    pointer = write_ledger(storage, before, run, news, whole=whole, facts={"read": len(news)})
    return read_ledger(storage, before.dataset, pointer)


def test_a_chain_of_ledger_files_says_what_one_whole_file_would(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    ledger = Ledger("orders")
    for i in range(WHOLE_EVERY + 2):
        ledger = publish(storage, ledger, f"r{i:02}", put(f"{i}.csv", f"r{i:02}"), put("same.csv", f"r{i:02}", f"e{i}"))
    files = {i: json.loads(storage.read(f"ledger/orders/r{i:02}.json")) for i in range(WHOLE_EVERY + 2)}
    assert [i for i, file in files.items() if file["whole"]] == [0, WHOLE_EVERY - 1]
    assert [len(file["objects"]) for file in files.values() if not file["whole"]] == [2] * WHOLE_EVERY
    assert len(ledger.entries) == WHOLE_EVERY + 3
    assert ledger.entries["same.csv"].etag == f"e{WHOLE_EVERY + 1}"
    assert ledger.entries["0.csv"].run == "r00"


def test_a_rebuild_starts_the_ledger_from_nothing(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    first = publish(storage, Ledger("orders"), "r1", put("a.csv", "r1"), put("b.csv", "r1"))
    rebuilt = publish(storage, first, "r2", put("a.csv", "r2"), whole=True)
    assert list(rebuilt.entries) == ["a.csv"]
    assert json.loads(storage.read(rebuilt.pointer or ""))["previous"] == first.pointer


def test_new_and_changed_objects_are_news_and_a_refused_one_when_the_contract_changed(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    refused = entry(StoredObject("bad.csv", "file:///bad.csv", 1, "e", THEN), "contract", "r1", "has no header")
    ledger = publish(storage, Ledger("orders"), "r1", put("a.csv", "r1"), put("b.csv", "r1"), refused)
    found = [
        StoredObject(p, f"file:///{p}", 1, e, THEN)
        for p, e in {"a.csv": "e", "b.csv": "new", "bad.csv": "e", "c.csv": "e"}.items()
    ]
    assert [stored.path for stored in ledger.news(found, "contract")] == ["b.csv", "c.csv"]
    assert [stored.path for stored in ledger.news(found, "another")] == ["b.csv", "bad.csv", "c.csv"]
    assert ledger.rewritten(found) == ["a.csv", "b.csv"]
    assert ledger.gone(found[:1]) == ["b.csv", "bad.csv"]


def test_files_that_gave_no_row_wait_and_make_the_ledger_one_of_format_2(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    files = {path: StoredObject(path, f"file:///{path}", 1, "e", THEN) for path in ("bad.csv", "empty.csv", "good.csv")}
    refused = entry(files["bad.csv"], "contract", "r1", "has no header")
    ledger = publish(storage, Ledger("orders"), "r1", refused, put("good.csv", "r1"))
    assert json.loads(storage.read(ledger.pointer or ""))["format"] == 1
    later = replace(refused, published=True), replace(put("empty.csv", "r2"), emptied="all 2 rows were refused")
    ledger = publish(storage, ledger, "r2", *later)
    assert json.loads(storage.read(ledger.pointer or ""))["format"] == 2
    assert [entry.waits for entry in ledger.waiting(files.values())] == ["has no header", "all 2 rows were refused"]
    assert [entry.path for entry in ledger.waiting([files["empty.csv"]])] == [
        "empty.csv"
    ]  # one that is gone waits no more
    assert [stored.path for stored in ledger.news(files.values(), "another")] == ["bad.csv", "empty.csv"]
    assert ledger.rewritten(files.values()) == ["bad.csv", "empty.csv", "good.csv"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"{", "cannot be read"),
        (b'{"format": 3}', "has format 3, this version reads 1 and 2"),
    ],
)
def test_a_ledger_that_cannot_be_read_is_no_empty_ledger(tmp_path: Path, content: bytes | None, message: str) -> None:
    storage = LocalStorage(tmp_path)
    if content is not None:
        storage.write("ledger/orders/r1.json", content)
    with pytest.raises(RunFailed, match=message) as caught:
        read_ledger(storage, "orders", "ledger/orders/r1.json")
    assert caught.value.where == "ledger/orders/r1.json"
    assert "--full" in caught.value.remedy
