"""The marts of a lake: what each reads, and the order in which they are built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.project import load_project


@dataclass(frozen=True)
class Marts:
    """What each dataset and mart reads (a dataset reads nothing), and their order: each after all that it reads."""

    reads: Mapping[str, Sequence[str]]
    order: Sequence[str]

    def after(self, dataset: str) -> list[str]:
        """The marts that read a dataset, directly or through others, in the order in which they are built."""
        after = {dataset}
        for name in self.order:
            if after & set(self.reads[name]):
                after.add(name)
        return [name for name in self.order if name in after - {dataset}]

    def first(self) -> set[str]:
        """What the first mart reads; empty where there is no mart. Other marts may have to wait for it."""
        return next((set(self.reads[name]) for name in self.order if self.reads[name]), set())


def marts_of(contracts: Path, anywhere: Path) -> Marts:
    """The marts that contracts describe; `anywhere` is any folder, which is not read. Raises `UnusableContract`."""
    project = load_project(contracts, Lake(LocalStorage(anywhere)))
    return Marts(project.reads, project.run_order)
