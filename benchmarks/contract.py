"""The contract of `events`, and what a plain contender takes from a contract: names, types, key, partitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import NARROW, TYPES
from headgate.contract.load import load_contracts

_RULES = {
    "event_id": "required: true, minimum: 0",
    "kind": "required: true, enum: [view, cart, order, back]",
    "happened": 'required: true, formats: ["yyyy-MM-dd HH:mm:ss"]',
    "country": 'pattern: "^[A-Z]{2}$"',
    "amount": "required: true, minimum: 0",
    "quantity": "minimum: 0, maximum: 100",
    "rate": "minimum: 0, maximum: 1, otherwise: warn",
    "note": "max_length: 60",
    "user_id": "minimum: 0",
    "paid": "",
}
_BARE = {"happened": 'formats: ["yyyy-MM-dd HH:mm:ss"]'}


def write_contract(
    folder: Path,
    *,
    columns: int = NARROW,
    checks: bool = True,
    key: str = "event_id",
    merge_on_read: bool = False,
) -> Path:
    """Write the contract, with its 12 checks (two more for each further column) or with none, into a folder.

    `key` are the key's columns, separated by commas; a contract without a key appends.
    """
    rules = _RULES if checks else _BARE
    lines = [f"  - {{name: {name}, type: {_quoted(kind)}{_more(rules.get(name, ''))}}}" for name, kind in TYPES.items()]
    bounds = ", required: true, minimum: 0, maximum: 1000" if checks else ""
    lines += [f"  - {{name: m{number:02}, type: int{bounds}}}" for number in range(columns - NARROW)]
    keys = f"key: [{key}]\norder: [{{column: happened}}]\n" if key else ""
    keys += "write: {merge_on_read: true}\n" if merge_on_read else ""
    head = "dataset: events\ndomain: benchmark\nowner: nobody@example.org\ndescription: One row per event.\n"
    folder.mkdir(parents=True, exist_ok=True)
    body = "columns:\n" + "\n".join(lines) + f"\n{keys}partition_by: [days(happened)]\nat_most: 0.5\n"
    (folder / "events.yaml").write_text(head + body, encoding="utf-8")
    return folder


def _quoted(kind: str) -> str:
    return f'"{kind}"' if "(" in kind else kind


def _more(rule: str) -> str:
    return f", {rule}" if rule else ""


@dataclass(frozen=True)
class Described:
    """One table as a script would write it down."""

    name: str
    types: dict[str, str]
    required: list[str]
    key: list[str]
    newest: str
    transform: str  # days, months or years
    partition: str  # the column that is transformed

    @property
    def numbers(self) -> list[str]:
        """The columns that can be summed up exactly."""
        return [name for name, kind in self.types.items() if kind in ("bigint", "int") or kind.startswith("decimal")]


def described(contracts: Path) -> Described:
    """What the only contract of a folder says."""
    (contract,) = load_contracts(contracts).values()
    transform, partition = re.findall(r"\w+", contract.partition_by[0]) if contract.partition_by else ("", "")
    newest = contract.order[0].column if contract.order else partition
    required = [column.name for column in contract.columns if column.required]
    types = {column.name: column.type for column in contract.columns}
    wanted = required or list(contract.key) or list(types)[:1]
    return Described(contract.dataset, types, wanted, list(contract.key), newest, transform, partition)
