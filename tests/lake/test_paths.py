"""The lake's layout: as lakes that exist have it, spelled in one module, and by Terraform alike."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import Bench, csv
from headgate.cli.quarantine import refused_rows
from headgate.contract.incoming import INCOMING
from headgate.lake import paths
from needs import ROOT

LIBRARY = ROOT / "shared/headgate"
PATH = re.compile(
    r"(?:^|/)(?:quarantine|ledger|states|runs|latest)/"
    r"|(?:^|/)(?:run\.json|report\.html|log\.jsonl)$"
    r"|data-warehouse|(?<!enable-)spark-ui|\b_work\b|\b_temp\b|\b_locks\b|\b_keys/|_current\.json|_run="
)


def test_every_part_lies_where_lakes_that_exist_have_it(tmp_path: Path) -> None:
    lake = paths.Lake(paths.LocalStorage(tmp_path))
    assert lake.warehouse == f"file:{tmp_path}/data-warehouse"
    assert lake.catalog_folder("orders") == "data-warehouse/data_warehouse_db/tbl_orders"
    assert lake.work("r1", "orders") == "_work/r1/orders"
    assert paths.current_file("orders") == "data-warehouse/orders/_current.json"
    assert paths.state_file("orders", "r1") == "states/orders/r1.json"
    assert paths.quarantine_of_run("orders", "r1") == "quarantine/orders/_run=r1"
    assert paths.ledger_file("orders", "r1") == "ledger/orders/r1.json"
    assert paths.record_file("r1") == "runs/r1/run.json"
    assert paths.run_of_record("runs/r1/run.json") == "r1"
    others = ("runs/r1/report.html", "ledger/r1/run.json", "run.json")
    assert [paths.run_of_record(path) for path in others] == [None, None, None]
    assert paths.report_file("r1") == "runs/r1/report.html"
    assert paths.log_file("r1") == "runs/r1/log.jsonl"
    assert paths.gx_file("r1", "orders") == "runs/r1/orders.gx.json"
    assert paths.latest_report("orders") == "latest/orders/report.html"
    assert paths.export_file("orders", "r1") == "exports/redshift/orders/r1/export.json"
    assert paths.latest_export("orders") == "exports/newest/orders/export.json"
    assert paths.lock_file("orders") == "_locks/orders.lock"
    assert paths.incoming_folder("orders") == "incoming/orders"
    keys = ("incoming/orders/2026/a.json", "incoming/orders", "incoming/orders/", "orders/a.json", "incoming//a.json")
    assert [paths.dataset_of_document(key) for key in keys] == ["orders", None, None, None, None]
    assert (paths.masking_key("email"), paths.MASKING_KEYS) == ("_keys/email.key", "_keys/masking.json")


def test_a_part_that_is_declared_elsewhere_moves_for_writers_and_readers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "QUARANTINE", "toy")
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,x"))
    assert bench.one("orders").quarantined == 1
    assert [row.reasons for row in refused_rows(bench.lake, "orders")] == [["amount: not a decimal(12,2)"]]
    parts = {path.partition("/")[0] for path in bench.files()}
    assert "toy" in parts and "quarantine" not in parts


def test_no_other_module_spells_a_path_of_the_lake() -> None:
    here = LIBRARY / "lake/paths.py"
    assert len(list(_paths_spelled(here))) > 5  # the test sees what it looks for
    others = [file for tree in (LIBRARY, ROOT / "rehearsal") for file in tree.rglob("*.py") if file != here]
    assert [spelled for file in others for spelled in _paths_spelled(file)] == []


def _paths_spelled(file: Path) -> Iterator[str]:
    """The texts in a module, docstrings left out, that have a path of the lake in them."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if is_text and PATH.search(str(node.value)):
            yield f"{file.relative_to(ROOT)}:{node.lineno}: {node.value}"


def test_terraform_spells_the_same_parts() -> None:
    """In rules of buckets, in policies, and where Glue and Step Functions write."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "terraform").rglob("*.tf")))
    below_a_bucket = re.findall(r"\$\{[\w.]*\.(?:warehouse|reports)\}/([\w-]+)", text)
    by_prefix = re.findall(r"\bprefix\s*=\s*\"([\w-]+)/", text)
    assert {*below_a_bucket, *by_prefix} - {"staging", "lakes"} == {
        INCOMING,
        paths.WAREHOUSE,
        paths.QUARANTINE,
        paths.LEDGER,
        paths.STATES,
        paths.RUNS,
        paths.COUNTS,
        paths.LATEST,
        paths.SPARK_UI,
        paths.EXPORTS.partition("/")[0],
        paths.WORK,
        paths.TEMPORARY,
    }
