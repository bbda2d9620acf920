"""Which objects a run reads: the ledger decides, whatever events have said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.lake.ledger import Ledger
from headgate.lake.storage import StoredObject


@dataclass(frozen=True)
class Choice:
    """Objects to read; `rewritten` are those of which an earlier version is published; `whole` replaces the table."""

    objects: tuple[StoredObject, ...]
    rewritten: tuple[str, ...]
    whole: bool
    gone: tuple[str, ...] = ()


def choose(
    contract: Contract,
    ledger: Ledger,
    found: Sequence[StoredObject],
    *,
    full: bool = False,
    again: Sequence[StoredObject] | None = None,
) -> Choice:
    """New and changed objects; for `overwrite` all of them once one is; with `full` all of them, always.

    With `again` these objects and no others, whatever the ledger says (for `overwrite` all of them once there is one).

    Raises `RunFailed` where there was never anything to read, and for `full` where an object of the ledger is gone.
    """
    if not found and ledger.pointer is None:
        remedy = f"Put files below `{contract.path}` in the source, or correct `source.path`."
        raise RunFailed(f"no file matches `{contract.path}`", where=contract.file, remedy=remedy)
    gone = ledger.gone(found)
    if full and gone:
        shown = ", ".join(f"`{path}`" for path in gone[:5]) + (f" and {len(gone) - 5} more" if len(gone) > 5 else "")
        remedy = "Bring the objects back; a rebuild without them would lose their rows."
        raise RunFailed(
            f"a full rebuild needs {len(gone)} objects that are gone: {shown}", where=contract.file, remedy=remedy
        )
    if full:
        return Choice(tuple(found), (), whole=True)
    news = ledger.news(found, contract.hash) if again is None else again
    if contract.mode == "overwrite":
        return Choice(tuple(found) if news else (), (), whole=True, gone=tuple(gone))
    return Choice(tuple(news), tuple(ledger.rewritten(news)), whole=False, gone=tuple(gone))
