"""The datasets of the probes: their contracts, and the rows that are sent. No user's rows are ever touched."""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from headgate.errors import UnusableArgument

DATASET = "verify_probe"  # without it no probe runs
PARQUET = "verify_probe_parquet"  # a plain Parquet table with a masked column; a crawler registers its raw files
MART = "verify_probe_mart"  # built from DATASET by its pipeline
DOCUMENTS = "verify_probe_documents"  # JSON documents that arrive as events
DATASETS = (DATASET, PARQUET, MART, DOCUMENTS)
CHECK = "expect_column_sum_to_be_between"
EXTRA = "remark"  # the column that the widened contract adds
_ANCHOR = "  - {name: amount, type: bigint, required: true, minimum: 0}\n"
_CUSTOMISABLE = ("domain", "owner", "description", "retention", "job")  # keys that an environment may change


@dataclass(frozen=True)
class Wave:
    """One file of rows, and how many of them a run must keep, with the sum of their amounts."""

    name: str
    rows: Sequence[str]
    kept: int
    amount: int
    header: str = "probe_id,wave,amount"
    dataset: str = DATASET

    @property
    def content(self) -> bytes:
        """The file's content."""
        return ("\n".join([self.header, *self.rows]) + "\n").encode()


GOOD = Wave("good", ["good-1,good,1", "good-2,good,2", "good-3,good,3", "not a key,good,4"], kept=3, amount=6)
ARRIVAL = Wave("arrival", ["arrival-1,arrival,4", "arrival-2,arrival,5"], kept=2, amount=9)
# Each row is good, but their sum is not; the gate checks it after the rows are written to a branch.
HEAVY = Wave("heavy", ["heavy-1,heavy,5000", "heavy-2,heavy,1"], kept=2, amount=5001)
WIDE = Wave("wide", ["wide-1,wide,5000,new"], kept=1, amount=5000, header=f"probe_id,wave,amount,{EXTRA}")
# Two rows have one contact in common. Of the two refused rows, one is refused for its contact and one for its key.
CONTACTS = ("first.probe@example.org", "second.probe@example.org", "refused.probe@example.org", "no address of a probe")
MASKED = Wave(
    "masked",
    [
        f"masked-1,{CONTACTS[0]},1",
        f"masked-2,{CONTACTS[0]},2",
        f"masked-3,{CONTACTS[1]},3",
        f"not a key,{CONTACTS[2]},4",
        f"masked-5,{CONTACTS[3]},5",
    ],
    kept=3,
    amount=6,
    header="probe_id,contact,amount",
    dataset=PARQUET,
)


def contract_text(dataset: str = DATASET) -> str:
    """Return the contract that `--write-contract` writes."""
    return _packaged(f"{dataset}.yaml")


def mart_sql() -> str:
    """Return the query of the mart that `--write-contract` writes."""
    return _packaged(f"{MART}.sql")


def _packaged(name: str) -> str:
    return importlib.resources.files("headgate.verify").joinpath(name).read_text(encoding="utf-8")


def widened_text() -> str:
    """Return the same contract with one more column."""
    return contract_text().replace(_ANCHOR, f"{_ANCHOR}  - {{name: {EXTRA}, type: string}}\n")


def write_contracts(project: Path) -> list[Path]:
    """Write the contracts, and the query of the mart, to a project.

    Raises `UnusableArgument` rather than replace a different file.
    """
    sql = project / "sql" / "marts" / f"{MART}.sql"
    if sql.is_file() and sql.read_text(encoding="utf-8") != mart_sql():
        raise _other_file(sql)
    written = [write_contract(project / "contracts", dataset) for dataset in DATASETS]
    sql.parent.mkdir(parents=True, exist_ok=True)
    sql.write_text(mart_sql(), encoding="utf-8")
    return [*written, sql]


def write_contract(folder: Path, dataset: str = DATASET) -> Path:
    """Write a contract to a project's contracts. Raises `UnusableArgument` rather than replace a different one."""
    file = folder / "verify" / f"{dataset}.yaml"
    if not folder.is_dir():
        raise UnusableArgument("there is no such folder", where=str(folder), remedy="Name the folder of the contracts.")
    if file.is_file() and not is_ours(file.read_text(encoding="utf-8"), dataset):
        raise _other_file(file)
    file.parent.mkdir(exist_ok=True)
    if not file.exists():
        file.write_text(contract_text(dataset), encoding="utf-8")
    return file


def _other_file(file: Path) -> UnusableArgument:
    return UnusableArgument(
        "is not what the probes need",
        where=str(file),
        remedy="Move it away, then write it again with --write-contract.",
    )


def is_ours(text: str, dataset: str = DATASET) -> bool:
    """Return whether a contract is the one that the probes rely on; owner, size and retention may differ."""
    return _fixed_keys(yaml.safe_load(text)) == _fixed_keys(yaml.safe_load(contract_text(dataset)))


def _fixed_keys(content: Any) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        return {}
    return {key: value for key, value in content.items() if key not in _CUSTOMISABLE}
