"""A saved plan and the checksums of its sources: it is applied only while they match."""

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
    """What a saved plan is for, and the SHA-256 of the plan and of each of its sources."""

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
        """Write the record beside the plan."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True)
        record_of(source, self.environment).write_text(text, encoding="utf-8")


def plan_of(source: Checkout, name: str) -> Path:
    """The path of an environment's plan."""
    return source.plans / f"{name}.tfplan"


def record_of(source: Checkout, name: str) -> Path:
    """The path of the record of an environment's plan."""
    return source.plans / f"{name}.json"


def sources_of(source: Checkout, contracts: Path, sql: Path) -> dict[str, str]:
    """Return the SHA-256 of every file that a plan depends on, by name."""
    sums = {f"terraform/{name}": sha256_of(path) for name, path in _terraform_sources(source.terraform)}
    for part, folder in (("contracts", contracts), ("sql", sql)):
        sums |= {f"{part}/{name}": sha256_of(path) for name, path in files_below(folder)}
    return sums


def saved_plan(source: Checkout, name: str) -> SavedPlan:
    """Return an environment's plan. Raises `CannotDeploy` when there is none, or its sources have changed since."""
    file, record = plan_of(source, name), record_of(source, name)
    saved = _read(record) if file.is_file() and record.is_file() else None
    if saved is None:
        raise CannotDeploy(
            f"there is no saved plan for `{name}`", where=str(file), remedy=f"Plan first: `make plan ENV={name}`."
        )
    now = sources_of(source, Path(saved.contracts), Path(saved.sql))
    changed = [line.partition(":")[0] for line in differences(now, saved.sources)]
    if sha256_of(file) != saved.plan_sha256:
        changed.insert(0, file.name)
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        raise CannotDeploy(
            f"the saved plan for `{name}` is out of date: {', '.join(changed[:_SHOWN])}{more} changed since",
            where=str(file),
            remedy=f"Plan again and review the new plan: `make plan ENV={name}`, or `make rollback` for a rollback.",
        )
    return saved


def _read(record: Path) -> SavedPlan | None:
    """Return the record of a plan; None if it is truncated or was written by another version."""
    try:
        return SavedPlan(**json.loads(record.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return None


def forget(source: Checkout, name: str) -> None:
    """Remove a plan, since it can be applied once only."""
    plan_of(source, name).unlink(missing_ok=True)
    record_of(source, name).unlink(missing_ok=True)


def _terraform_sources(folder: Path) -> Iterator[tuple[str, Path]]:
    for name, path in files_below(folder):
        if path.suffix in _SOURCES and not _NOT_A_SOURCE & set(Path(name).parts):
            yield name, path
    lock = folder / ".terraform.lock.hcl"  # hidden, but it selects the provider that plans
    if lock.is_file():
        yield lock.name, lock
