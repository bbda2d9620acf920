"""Read staged files into one frame of texts: each file by its own header, never by position across files.

Names are imported when they are first used: flattening takes the rules of JSON from here, where there is no Spark.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headgate.lake.listing import objects
    from headgate.read.broken import broken_files
    from headgate.read.file_format import MUST_FRAME
    from headgate.read.framing import frame
    from headgate.read.layout import Drift, Group
    from headgate.read.planning import Known, Plan, plan
    from headgate.read.probing import failing
    from headgate.read.refused import CUT_SHORT, RefusedFile

__all__ = [
    "CUT_SHORT",
    "MUST_FRAME",
    "Drift",
    "Group",
    "Known",
    "Plan",
    "RefusedFile",
    "broken_files",
    "failing",
    "frame",
    "objects",
    "plan",
]

_MODULES = {
    "headgate.lake.listing": ("objects",),
    "headgate.read.broken": ("broken_files",),
    "headgate.read.file_format": ("MUST_FRAME",),
    "headgate.read.framing": ("frame",),
    "headgate.read.layout": ("Drift", "Group"),
    "headgate.read.planning": ("Known", "Plan", "plan"),
    "headgate.read.probing": ("failing",),
    "headgate.read.refused": ("CUT_SHORT", "RefusedFile"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULE_OF[name]), name)
