"""What a machine writes into the repository, and whether it is fresh: `python -m headgate.written [--check]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from headgate.checks.document import table_doc
from headgate.checks.suite import suite_document
from headgate.contract.document import document as contract_document
from headgate.contract.json_schema import FILE, schema_text
from headgate.contract.model import Contract
from headgate.cost.document import document as cost_document
from headgate.cost.document import project_at
from headgate.report.document import document as record_document
from headgate.report.document import json_schema as record_schema
from headgate.warehouse.document import document as model_document


def texts(root: Path) -> Iterator[tuple[Path, str]]:
    """Every written file with the text it must have."""
    yield root / "contracts" / FILE, schema_text()
    yield root / "docs" / "CHECKS.md", table_doc()
    yield root / "docs" / "CONTRACTS.md", contract_document()
    yield root / "docs" / "COSTS.md", cost_document(root)
    project = project_at(root)
    yield root / "docs" / "MODEL.md", model_document(project.contracts, project.run_order)
    yield root / "docs" / "RUN_RECORD.md", record_document()
    yield root / "docs" / "run.schema.json", record_schema()
    for name, contract in project.contracts.items():
        yield root / "expectations" / f"{name}.json", suite_text(contract)


def suite_text(contract: Contract) -> str:
    """The Great Expectations suite of a contract, as it is written below `expectations/`."""
    meta = {"contract": contract.file, "written_by": "make written"}
    hidden = {column.name for column in contract.columns if not column.publish}
    checks = [check for check in contract.all_checks if check.expect != "type" and not hidden & set(check.columns)]
    return json.dumps(suite_document(contract.dataset, checks, meta), indent=2, ensure_ascii=False) + "\n"


def stale(root: Path) -> list[Path]:
    """Written files that are missing, differ, or belong to no contract any more."""
    wanted = dict(texts(root))
    differing = [
        file for file, text in wanted.items() if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]
    return [*differing, *(file for file in sorted((root / "expectations").glob("*.json")) if file not in wanted)]


def write(root: Path) -> None:
    """Write every file, and remove suites without a contract."""
    wanted = dict(texts(root))
    for file, text in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for file in (root / "expectations").glob("*.json"):
        if file not in wanted:
            file.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or with --check say what is stale."""
    parser = argparse.ArgumentParser(prog="python -m headgate.written", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the repository's folder")
    given = parser.parse_args(arguments)
    if not given.check:
        write(given.root)
        return 0
    found = stale(given.root)
    for file in found:
        print(f"stale: {file.relative_to(given.root)}; run `make written` and commit what it changes", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
