"""Read contracts: every fault of every contract at once; what is not understood never becomes a default."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from headgate.contract.model import Contract
from headgate.contract.rules import rules
from headgate.contract.wording import in_words
from headgate.errors import Fault, UnusableArgument, UnusableContract

# Plain scalars that Terraform's yamldecode and PyYAML read differently; found by giving the same texts to both.
_READ_TWO_WAYS = re.compile(
    r"""^(?: [-+]?0[0-9_]+ | 0o[0-7]+ | [-+]?\d[\d_]*_[\d_]* | [-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+ | [-+]\.\d+
          | [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN) | [-+]?\d+(?::[0-5]?\d)+(?:\.\d*)?
          | \d{4}-\d{1,2}-\d{1,2}(?:[Tt\s].*)? | [yYnN] | [yY]es | YES | [nN]o | NO | [oO]n | ON | [oO]ff | OFF
          | 0[xX][0-9a-fA-F_]+ | 0b[01_]+ )$""",
    re.VERBOSE,
)

# Keys of the design that have no effect yet: refused with that reason, never accepted and ignored.
_LATER = {
    "retention.rows": "deleting old rows is not supported yet",
    "replay": "replay of quarantined rows is not supported yet",
}


class _Loader(yaml.SafeLoader):
    """YAML as Terraform reads it; refuses duplicate keys and texts with two readings, all of a file at once."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.refused: list[tuple[int, str, str]] = []  # line, problem, remedy

    def refuse(self, mark: yaml.Mark, problem: str, remedy: str) -> None:
        """Note what is refused, and continue to read."""
        self.refused.append((mark.line + 1, problem, remedy))


class _Unread(str):
    """A text that was refused already: a fault that the model finds in it would be the second report."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key.value, str):
            loader.refuse(key.start_mark, "a key is not a text", "Write the key as a plain name.")
        elif key.value in seen:
            loader.refuse(key.start_mark, f"the key `{key.value}` occurs twice", "Keep one of the two.")
        else:
            seen.add(key.value)
    # A key is always a text: PyYAML would read `on:` as true.
    pairs = [(key.value, value) for key, value in node.value if isinstance(key.value, str)]
    return {key: loader.construct_object(value, deep=True) for key, value in pairs}


def _scalar(loader: _Loader, node: yaml.ScalarNode) -> Any:
    if node.style is None and _READ_TWO_WAYS.match(node.value):
        problem = f"`{node.value}` has two readings in YAML (Terraform and Python read it differently)"
        remedy = f'Quote it if it is a text ("{node.value}"), or write it in a form that both read alike.'
        loader.refuse(node.start_mark, problem, remedy)
        return _Unread(node.value)
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    return yaml.SafeLoader.yaml_constructors[node.tag](loader, node)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
for _tag in ("str", "int", "float", "bool", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _scalar)


def load_contracts(folder: Path) -> dict[str, Contract]:
    """Every `*.yaml` below `folder` by dataset name, in order of name.

    Raises `UnusableArgument` for a folder that is missing or contains no contract, and `UnusableContract` with every
    fault of every contract.
    """
    files = contract_files(folder)
    contracts: dict[str, Contract] = {}
    faults: list[Fault] = []
    for file in files:
        contract, of_file = read_contract(file, shown=_shown(file, folder))
        faults.extend(of_file)
        if contract is None:
            continue
        if contract.dataset in contracts:
            other = contracts[contract.dataset].file
            faults.append(Fault(contract.file, "dataset", f"`{contract.dataset}` is also the dataset of {other}"))
        contracts[contract.dataset] = contract
    if faults:
        raise UnusableContract(faults)
    return dict(sorted(contracts.items()))


def contract_files(folder: Path) -> list[Path]:
    """The contract files below `folder`, without those whose names begin with `_` or `.`."""
    if not folder.is_dir():
        raise UnusableArgument("there is no such folder", where=str(folder), remedy="Name the folder of the contracts.")
    files = sorted(p for p in [*folder.rglob("*.yaml"), *folder.rglob("*.yml")] if p.name[0] not in "_.")
    if not files:
        remedy = "Add a contract (docs/CONTRACTS.md), or name the folder of the contracts with --contracts."
        raise UnusableArgument("contains no contract (*.yaml)", where=str(folder), remedy=remedy)
    return files


def read_contract(file: Path, shown: str | None = None) -> tuple[Contract | None, list[Fault]]:
    """One contract and what is wrong with it; no contract where it could not be read at all."""
    shown = shown or str(file)
    raw, refused = _read(file, shown)
    if raw is None:
        return None, refused
    later = [*refused, *_not_yet(shown, raw)]
    try:
        contract = Contract.model_validate(_without_later(raw))
    except ValidationError as error:
        return None, [*later, *_faults(shown, error)]
    if refused:
        return None, later
    object.__setattr__(contract, "_file", shown)
    faults = [Fault(shown, key, problem, remedy) for key, problem, remedy in rules(contract, file.stem, _beside(file))]
    return (None if later or faults else contract), [*later, *faults]


def read_yaml(file: Path, shown: str | None = None) -> dict[str, Any]:
    """A contract's keys and values as written in the file, before the model. Raises `UnusableContract`."""
    raw, faults = _read(file, shown or str(file))
    if raw is None or faults:
        raise UnusableContract(faults)
    return raw


def _read(file: Path, shown: str) -> tuple[dict[str, Any] | None, list[Fault]]:
    """A file's content, and every text in it that is refused; None where it is not YAML or not a mapping."""
    try:
        loader = _Loader(file.read_text(encoding="utf-8"))
        raw = loader.get_single_data()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return None, [Fault(shown, "", f"is not readable YAML: {_in_one_line(error)}", "Fix the YAML.")]
    faults = [Fault(shown, f"line {line}", problem, remedy) for line, problem, remedy in loader.refused]
    if not isinstance(raw, dict):
        return None, [*faults, Fault(shown, "", "is not a mapping", "A contract begins with `dataset: <name>`.")]
    return raw, faults


def _shown(file: Path, folder: Path) -> str:
    return str(Path(folder.name, file.relative_to(folder)))


def sql_root(folder: Path) -> Path:
    """The folder `sql/` that belongs to a folder of contracts: in it, beside it, or beside a folder above it."""
    return _beside(folder.resolve() / "_") or folder.parent / "sql"


def _beside(file: Path) -> Path | None:
    return next((p / "sql" for p in file.resolve().parents if (p / "sql").is_dir()), None)


def _not_yet(shown: str, raw: dict[str, Any]) -> Iterator[Fault]:
    for key, reason in _LATER.items():
        if _at(raw, key.split(".")) is not None:
            yield Fault(shown, key, reason, "Remove it: nothing would read it.")
    policy = raw.get("schema_change")
    if policy in ("ignore", "evolve"):
        problem = f"the policy `{policy}` is not supported yet"
        yield Fault(shown, "schema_change", problem, "Use `strict`, and name unwanted columns under `source.ignore`.")


def _at(raw: Any, path: Sequence[str]) -> Any:
    for part in path:
        raw = raw.get(part) if isinstance(raw, dict) else None
    return raw


def _without_later(raw: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in raw.items() if k not in _LATER}
    if kept.get("schema_change") in ("ignore", "evolve"):
        del kept["schema_change"]
    if isinstance(kept.get("retention"), dict):
        kept["retention"] = {k: v for k, v in kept["retention"].items() if k != "rows"}
    return kept


def _faults(shown: str, error: ValidationError) -> Iterator[Fault]:
    seen: set[str] = set()
    for details in error.errors():
        if isinstance(details["input"], _Unread):
            continue
        if details["type"] == "too_short" and details["input"]:
            continue  # a list with faulty items: each of them is reported
        key, problem, remedy = in_words(details, Contract)
        if key not in seen or details["type"] == "extra_forbidden":
            yield Fault(shown, key, problem, remedy)
        seen.add(key)


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
