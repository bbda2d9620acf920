"""`headgate plan`: what changed contracts do to the files that are there: rows, tables, marts, files to read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from headgate.cli.quarantine import RefusedRow, counts
from headgate.cli.show import print_refused
from headgate.cli.table import console
from headgate.cli.trial import Asked, Tried, try_files
from headgate.contract.model import Contract
from headgate.contract.types import parse_type
from headgate.cost.committed import contracts_at
from headgate.lake.address import lake_at
from headgate.lake.ledger import read_ledger
from headgate.lake.listing import objects
from headgate.lake.storage import LocalStorage
from headgate.project import Project, load_project
from headgate.publish.change import published_types
from headgate.publish.difference import Difference, compare
from headgate.publish.formats import published
from headgate.request import command_line


@dataclass(frozen=True)
class Effect:
    """What a changed contract does. `before` and `after` are trials of the same files, None without files or contract.

    `refused` are rows that only the new contract refuses, `admitted` those that only the old one did. Both are empty
    where other columns are read (`other_texts`): then no row can be found again by its texts.
    """

    dataset: str
    change: str  # new, changed or removed
    before: Tried | None = None
    after: Tried | None = None
    refused: Sequence[RefusedRow] = ()
    admitted: Sequence[RefusedRow] = ()
    other_texts: bool = False
    statements: Sequence[str] = ()
    rebuild: Sequence[str] = ()
    read_again: int = 0
    marts: Sequence[str] = ()

    @property
    def breaks(self) -> bool:
        """Whether the next run of the dataset would stop, or could not bring its table to the contract."""
        stops = self.after is not None and not self.after.passes
        return stops or bool(self.rebuild) or (self.change == "removed" and bool(self.marts))

    def as_dict(self) -> dict[str, Any]:
        """As JSON wants it."""
        trials = {"before": self.before, "after": self.after}
        return {
            "change": self.change,
            "breaks": self.breaks,
            **{name: trial.as_dict() if trial else None for name, trial in trials.items()},
            "newly_refused": [row.as_dict() for row in self.refused],
            "newly_admitted": [row.as_dict() for row in self.admitted],
            "statements": self.statements,
            "rebuild": self.rebuild,
            "files_to_read_again": self.read_again,
            "marts": self.marts,
        }


@dataclass(frozen=True)
class Plan:
    """The effect of each changed contract, and the marts whose query or contract changed."""

    against: str
    effects: Sequence[Effect]
    marts: Sequence[str] = field(default=())

    @property
    def breaks(self) -> bool:
        """Whether a run would stop anywhere."""
        return any(effect.breaks for effect in self.effects)


def plan(asked: Asked, lake_folder: Path, against: str, *, progress: bool = True) -> Plan:
    """Compare the contracts with those of a commit, and judge the newest files of changed datasets under both.

    Publishes nothing. Raises `UnusableContract`, and `UnusableArgument` where there is no such commit.
    """
    lake = lake_at(str(lake_folder))
    now = load_project(asked.contracts, lake)
    with contracts_at(asked.contracts, against) as folder, TemporaryDirectory(prefix="headgate-plan-") as keys:
        then = load_project(folder, lake)
        names = now.chosen(asked.datasets) if asked.datasets else sorted({*now.contracts, *then.contracts})
        changed = [name for name in names if _hash(now, name) != _hash(then, name)]
        datasets = [name for name in changed if not _either(now, then, name).is_mart]
        trials = [
            _trials(project, Asked(at, asked.source, datasets), keys, progress)
            for at, project in ((folder, then), (asked.contracts, now))
        ]
        effects = [_effect(name, then, now, trials[0].get(name), trials[1].get(name)) for name in datasets]
    marts = [name for name in names if _is_changed_mart(now, then, name)]
    return Plan(against, [_with_files(effect, now, asked.source, lake_folder) for effect in effects], marts)


def _hash(project: Project, name: str) -> str | None:
    return project.contracts[name].hash if name in project.contracts else None


def _either(now: Project, then: Project, name: str) -> Contract:
    return now.contracts.get(name) or then.contracts[name]


def _is_changed_mart(now: Project, then: Project, name: str) -> bool:
    if not _either(now, then, name).is_mart:
        return False
    return _hash(now, name) != _hash(then, name) or now.queries.get(name) != then.queries.get(name)


def _trials(project: Project, asked: Asked, keys: str, progress: bool) -> Mapping[str, Tried]:
    """The trial of each of these datasets that the project has, and that has files."""
    if not asked.source.is_dir():
        return {}
    known = [project.contracts[name] for name in asked.datasets if name in project.contracts]
    with_files = [c.dataset for c in known if objects(LocalStorage(asked.source), c.path)]
    if not with_files:
        return {}
    tried = try_files(replace(asked, datasets=with_files), progress=progress, keys=Path(keys))
    return {one.dataset: one for one in tried}


def _effect(name: str, then: Project, now: Project, before: Tried | None, after: Tried | None) -> Effect:
    marts = tuple(mart for mart in now.run_order if name in now.reads[mart])
    if name not in now.contracts:
        return Effect(name, "removed", before, marts=marts)
    if name not in then.contracts:
        return Effect(name, "new", None, after)
    old, new = then.contracts[name], now.contracts[name]
    difference = _difference(old, new)
    same_texts = [spec.source_name for spec in old.read_columns] == [spec.source_name for spec in new.read_columns]
    refused, admitted = _moved(before, after) if same_texts else ((), ())
    return Effect(
        name,
        "changed",
        before,
        after,
        refused,
        admitted,
        other_texts=not same_texts,
        statements=tuple(difference.statements(f"tbl_{name}")),
        rebuild=(*difference.rebuild, *_of_the_key(old, new)),
        marts=marts,
    )


def _difference(old: Contract, new: Contract) -> Difference:
    """How the new contract's columns and partitions differ from a table that the old one has made."""
    from pyspark.sql import types as T

    from headgate.spark.types import spark_type

    fields = [T.StructField(name, spark_type(parse_type(kind))) for name, kind in published_types(old)]
    return compare(T.StructType(fields), new, old.partition_by)


def _of_the_key(old: Contract, new: Contract) -> Iterator[str]:
    if old.key != new.key:
        yield f"the key is {list(old.key)}, the contract says {list(new.key)}"
    if old.mode != new.mode:
        yield f"rows are published by `{old.mode}`, the contract says `{new.mode}`"


def _moved(before: Tried | None, after: Tried | None) -> tuple[Sequence[RefusedRow], Sequence[RefusedRow]]:
    """The rows that only the new contract refuses, and those that only the old one did."""
    if before is None or after is None:
        return (), ()
    return tuple(_only(after.refused, before.refused)), tuple(_only(before.refused, after.refused))


def _only(rows: Sequence[RefusedRow], others: Sequence[RefusedRow]) -> Iterator[RefusedRow]:
    left = Counter((row.object, row.record) for row in others)
    for row in rows:
        if left[row.object, row.record]:
            left[row.object, row.record] -= 1
        else:
            yield row


def _with_files(effect: Effect, now: Project, source: Path, lake_folder: Path) -> Effect:
    """With the number of files that the lake has read under another contract."""
    lake = lake_at(str(lake_folder))
    table = published(lake).get(effect.dataset) if Path(lake_folder).is_dir() else None
    if table is None or effect.dataset not in now.contracts:
        return effect
    stale = read_ledger(lake.storage, effect.dataset, table.pointer()).stale(now.contracts[effect.dataset].hash)
    return replace(effect, read_again=len(stale))


def print_plan(made: Plan, asked: Asked, lake_folder: Path, limit: int) -> None:
    """Print the plan: per dataset the rows that move, the table's statements, and what to type."""
    out = console()
    if not made.effects and not made.marts:
        out.print(f"No contract differs from `{made.against}`.", markup=False)
        return
    for effect in made.effects:
        for line in _lines(effect, asked, lake_folder):
            out.print(line, markup=False, soft_wrap=True)
        for title, rows in (("newly refused", effect.refused), ("newly admitted", effect.admitted)):
            if rows:
                out.print(f"{title}, with the reasons of the contract that refuses them:", markup=False)
                print_refused(rows, counts(rows), limit)
        out.print()
    for mart in made.marts:
        out.print(f"{mart}: a mart whose contract or query changed; the next run builds it again", markup=False)
    end = "Something here stops a run, or needs a hand." if made.breaks else "Nothing here stops a run."
    out.print(f"Compared with `{made.against}`. Nothing was published. {end}", markup=False, soft_wrap=True)


def _lines(effect: Effect, asked: Asked, lake_folder: Path) -> Iterator[str]:
    given = {**asked.given, "lake": str(lake_folder)}
    yield f"{effect.dataset}: {effect.change}"
    for name, trial in (("before", effect.before), ("after", effect.after)):
        if trial is not None:
            yield f"  {name}: {_counted(trial)}"
    if effect.before is None and effect.after is None:
        yield "  there are no files to judge"
    if effect.other_texts:
        yield "  other columns are read, so rows are compared by their number only"
    elif effect.before and effect.after:
        yield f"  {len(effect.refused):,} rows newly refused, {len(effect.admitted):,} newly admitted"
    yield from (f"  the next run does: {statement}" for statement in effect.statements)
    for reason in effect.rebuild:
        yield f"  only a rebuild does: {reason}; `{command_line('run', effect.dataset, '--full', given=given)}`"
    if effect.read_again and not effect.rebuild:
        again = command_line("backfill", effect.dataset, "--stale", given=given)
        yield f"  {effect.read_again:,} files were read under another contract; `{again}` reads them again"
    if effect.marts and (effect.change == "removed" or effect.rebuild or effect.statements):
        yield f"  marts over it: {', '.join(effect.marts)}"


def _counted(trial: Tried) -> str:
    outcome = trial.outcome
    refused_files = len(trial.as_dict()["files_refused"])
    files = f"; {refused_files:,} files refused" if refused_files else ""
    if outcome.read is None:
        return f"{outcome.status}: {outcome.reason}{files}"
    refused = f"{outcome.quarantined or 0:,} refused"
    rows = f"{outcome.read:,} rows of {len(trial.files):,} files: {trial.passing:,} pass, {refused}"
    return rows + files + ("" if trial.passes else f"; {outcome.status}: {outcome.reason}")


def as_document(made: Plan) -> dict[str, Any]:
    """As JSON wants it."""
    effects = {effect.dataset: effect.as_dict() for effect in made.effects}
    return {"against": made.against, "breaks": made.breaks, "datasets": effects, "marts": list(made.marts)}
