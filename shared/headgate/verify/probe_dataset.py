"""The dataset of the probes: its contract, and the rows that are put for it. No row of a user's is ever touched."""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from headgate.errors import UnusableArgument

DATASET = "verify_probe"
CHECK = "expect_column_sum_to_be_between"
EXTRA = "remark"  # the column that a widened contract adds
_ANCHOR = "  - {name: amount, type: bigint, required: true, minimum: 0}\n"
_FREE = ("domain", "owner", "description", "retention", "job")  # what an environment may set as it likes


@dataclass(frozen=True)
class Wave:
    """One file of rows, and what a run must make of it. Rows that follow the contract are `kept`."""

    name: str
    rows: Sequence[str]
    kept: int
    amount: int
    header: str = "probe_id,wave,amount"

    @property
    def content(self) -> bytes:
        """The file."""
        return ("\n".join([self.header, *self.rows]) + "\n").encode()


GOOD = Wave("good", ["good-1,good,1", "good-2,good,2", "good-3,good,3", "not a key,good,4"], kept=3, amount=6)
ARRIVAL = Wave("arrival", ["arrival-1,arrival,4", "arrival-2,arrival,5"], kept=2, amount=9)
# Each row is good; only their sum is not, and that is judged when they are already written.
HEAVY = Wave("heavy", ["heavy-1,heavy,5000", "heavy-2,heavy,1"], kept=2, amount=5001)
WIDE = Wave("wide", ["wide-1,wide,5000,new"], kept=1, amount=5000, header=f"probe_id,wave,amount,{EXTRA}")


def contract_text() -> str:
    """The contract, as `--write-contract` writes it."""
    return importlib.resources.files("headgate.verify").joinpath(f"{DATASET}.yaml").read_text(encoding="utf-8")


def widened_text() -> str:
    """The same contract with one column more."""
    return contract_text().replace(_ANCHOR, f"{_ANCHOR}  - {{name: {EXTRA}, type: string}}\n")


def write_contract(folder: Path) -> Path:
    """Write the contract into a project's contracts. Raises `UnusableArgument` when another one is there."""
    file = folder / "verify" / f"{DATASET}.yaml"
    if not folder.is_dir():
        raise UnusableArgument("there is no such folder", where=str(folder), remedy="Name the folder of the contracts.")
    if file.is_file() and not is_ours(file.read_text(encoding="utf-8")):
        raise UnusableArgument(
            "is not the contract that the probes need", where=str(file), remedy="Move it away, and write it again."
        )
    file.parent.mkdir(exist_ok=True)
    if not file.exists():
        file.write_text(contract_text(), encoding="utf-8")
    return file


def is_ours(text: str) -> bool:
    """True when a contract says what the probes count on; owner, size and retention may be an environment's own."""
    return _fixed(yaml.safe_load(text)) == _fixed(yaml.safe_load(contract_text()))


def _fixed(said: Any) -> Mapping[str, Any]:
    return {key: one for key, one in said.items() if key not in _FREE} if isinstance(said, dict) else {}
