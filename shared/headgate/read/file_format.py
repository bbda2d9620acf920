"""What reading must know of a format of raw files: how to look at one file, and how to read a group of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import FAULTS, FILE, FILE_FAULT, RAW, SKIP
from headgate.lake.storage import Storage, StoredObject
from headgate.read.layout import Group, Looked

if TYPE_CHECKING:
    from headgate.contract.model import Contract

Look = Callable[[StoredObject], Looked]
MUST_FRAME = "must be framed"  # the file fault of a file that is read again, in its order
ReadWhole = Callable[[IO[bytes]], None]


def _nothing_to_check(_: IO[bytes]) -> None:
    pass


def _as_read(frames: list[DataFrame], _: Contract) -> list[DataFrame]:
    return frames


@dataclass(frozen=True)
class FileFormat:
    """One format: `FORMAT` of the module that its entry in `contract/file_formats.py` names.

    `looker` is called once per plan and returns the function that looks at one file: at its header, footer or first
    records. That function raises `CannotBelong` for a file that cannot be read by the contract.
    `frame` reads the files of a group, lazily: the columns of `contract.read_columns` under their published names,
    then `FAULTS`, `RAW`, `FILE_FAULT`, `SKIP` and `FILE`.
    `align` gives the frames of several groups one type per column.
    `read_whole` reads a file to its end by another reader than Spark, and raises where it is broken. It is called after
    an error of Spark only; texts cannot break.
    `copier` copies a file whose layout says `copied`, and returns it as it is read from there; None: as text.
    """

    looker: Callable[[Contract, Storage, Sequence[StoredObject]], Look]
    frame: Callable[[SparkSession, Contract, Group[Any]], DataFrame]
    align: Callable[[list[DataFrame], Contract], list[DataFrame]] = _as_read
    read_whole: ReadWhole = _nothing_to_check
    copier: Callable[[Contract, Storage, Looked, Storage], Looked] | None = None


def without_faults() -> list[Column]:
    """`FAULTS`, `RAW`, `FILE_FAULT` and `SKIP` of rows in which a reader sees no fault."""
    text = F.lit(None).cast("string")
    return [F.array().cast("array<string>").alias(FAULTS), *(text.alias(name) for name in (RAW, FILE_FAULT, SKIP))]


def file_name() -> Column:
    """`FILE`: the name that Spark gives to the file that a row was read from."""
    return F.col("_metadata.file_path").alias(FILE)
