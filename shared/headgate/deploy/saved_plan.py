"""A plan that waits to be applied, and the sources that it was made from: it is applied exactly, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from headgate.deploy.checkout import Checkout, files_below
from headgate.deploy.digest import differences, sha256_of
from headgate.deploy.errors import CannotDeploy

_SHOWN = 5
_NOT_A_SOURCE = {".terraform", "tests", "bootstrap", "terraform.tfstate.d"}
_SOURCES = {".tf", ".tfvars", ".hcl", ".yaml", ".yml", ".json"}


@dataclass(frozen=True)
class SavedPlan:
    """What a saved plan was made for and of."""

    environment: str
    lake: str
    account: str
    region: str
    release: str
    state: str
    contracts: str
    sql: str
    plan_sha256: str
    sources: dict[str, str]

    def write(self, source: Checkout) -> None:
        """Keep it beside the plan."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True)
        record_of(source, self.environment).write_text(text, encoding="utf-8")


def plan_of(source: Checkout, name: str) -> Path:
    """Where the plan of an environment lies."""
    return source.plans / f"{name}.tfplan"


def record_of(source: Checkout, name: str) -> Path:
    """Where it is written down what the plan was made of."""
    return source.plans / f"{name}.json"


def sources_of(source: Checkout, contracts: Path, sql: Path) -> dict[str, str]:
    """The SHA-256 of every file that a plan is made of, by name."""
    found = {f"terraform/{name}": sha256_of(path) for name, path in _terraform_sources(source.terraform)}
    for part, folder in (("contracts", contracts), ("sql", sql)):
        found |= {f"{part}/{name}": sha256_of(path) for name, path in files_below(folder)}
    return found


def saved_plan(source: Checkout, name: str) -> SavedPlan:
    """The plan of an environment. Raises `CannotDeploy` when there is none, or its sources have changed since."""
    file, record = plan_of(source, name), record_of(source, name)
    saved = _read(record) if file.is_file() and record.is_file() else None
    if saved is None:
        raise CannotDeploy(
            f"there is no saved plan of `{name}`", where=str(file), remedy=f"Plan first: `make plan ENV={name}`."
        )
    now = sources_of(source, Path(saved.contracts), Path(saved.sql))
    changed = [line.partition(":")[0] for line in differences(now, saved.sources)]
    if sha256_of(file) != saved.plan_sha256:
        changed.insert(0, file.name)
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        raise CannotDeploy(
            f"the saved plan of `{name}` is older than its sources: {', '.join(changed[:_SHOWN])}{more} changed since",
            where=str(file),
            remedy=f"Plan again and read the new plan: `make plan ENV={name}`, or `make rollback` for a rollback.",
        )
    return saved


def _read(record: Path) -> SavedPlan | None:
    """What was written down; None where it was cut short, or written by another version."""
    try:
        return SavedPlan(**json.loads(record.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return None


def forget(source: Checkout, name: str) -> None:
    """Remove a plan: it can be applied once."""
    plan_of(source, name).unlink(missing_ok=True)
    record_of(source, name).unlink(missing_ok=True)


def _terraform_sources(folder: Path) -> Iterator[tuple[str, Path]]:
    for name, path in files_below(folder):
        if path.suffix in _SOURCES and not _NOT_A_SOURCE & set(Path(name).parts):
            yield name, path
    lock = folder / ".terraform.lock.hcl"  # hidden, and says which provider plans
    if lock.is_file():
        yield lock.name, lock
