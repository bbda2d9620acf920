"""Files that do not fit their contract: refused whole, with a reason that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass

from headgate.lake.storage import StoredObject


@dataclass(frozen=True)
class RefusedFile:
    """An object that is not read, and why."""

    object: StoredObject
    reason: str


class CannotBelong(Exception):
    """Raised by a look at a file that does not fit its contract; the text is the reason."""

    @property
    def reason(self) -> str:
        """What is wrong with the file, and what to do about it."""
        return str(self)
