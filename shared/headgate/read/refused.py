"""Files that do not fit their contract: refused whole, with a reason that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass

from headgate.lake.storage import StoredObject

CUT_SHORT = "is cut short or broken: it could not be read to its end"


@dataclass(frozen=True)
class RefusedFile:
    """An object that is not read, and why."""

    object: StoredObject
    reason: str
    again: bool = False  # it could not be opened, and may be right: the next run tries again


class CannotBelong(Exception):
    """Raised by a look at a file that does not fit its contract; the text is the reason."""

    @property
    def reason(self) -> str:
        """What is wrong with the file, and what to do about it."""
        return str(self)
