"""How files of a format are read: the module that `contract/file_formats.py` names, imported when files are read."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from headgate.contract.file_formats import FORMAT_FACTS
from headgate.read.file_format import FileFormat

if TYPE_CHECKING:
    from headgate.contract.source import Source


def file_format(source: Source) -> FileFormat:
    """The `FORMAT` of the module that reads a source's files: of documents that arrive as events the flattened ones."""
    facts = FORMAT_FACTS[source.format]
    return import_module(facts.events_module if source.arrive == "events" else facts.module).FORMAT
