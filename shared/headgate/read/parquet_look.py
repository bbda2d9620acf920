"""Look at the footer of a Parquet file."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from headgate.contract.types import DataType, MapType, is_nested
from headgate.lake.storage import Storage, StoredObject
from headgate.read.file_format import Look
from headgate.read.layout import HeaderLayout, Looked
from headgate.read.names import Match, match, normal
from headgate.read.parquet_shape import HALF, WIDE, UnreadableType, kinds, leaf, leaf_count, shape
from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Contract

# Spark reads these without further libraries; LZ4 is the codec as Parquet defines it since 2.9.
_CODECS = ("UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4")
_OLD_CALENDAR = (b"writer.date.proleptic", b"false")  # Hive says so where it counts days as the Julian calendar did
_UNREADABLE = "which cannot be read. Deliver it as a type that can be read, or list it under `source.ignore`"


@dataclass(frozen=True, kw_only=True)
class ParquetLayout(HeaderLayout):
    """The columns as the footer spells them, and where the contract's columns are among them."""

    shapes: tuple[DataType | None, ...]  # what each of `contract.read_columns` is in the file
    old_calendar: bool = False  # dates are those of the calendar before 1582


def parquet_looker(contract: Contract, storage: Storage, objects: Sequence[StoredObject]) -> Look:
    """The function that looks at one Parquet file; it needs nothing of the other files."""
    return functools.partial(look, contract, storage)


def read_parquet(file: IO[bytes]) -> None:
    """Read every page of a file. Raises pyarrow's errors."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as parquet:
        for _ in parquet.iter_batches(use_threads=False):
            pass


def look(contract: Contract, storage: Storage, stored: StoredObject) -> Looked:
    """The file's own columns, matched with the contract. Raises `CannotBelong`."""
    with opened(storage, stored) as file:
        return _looked(contract, stored, file)


@contextmanager
def opened(storage: Storage, stored: StoredObject) -> Iterator[Any]:
    """The open Parquet file. Raises `CannotBelong` where it cannot be opened, or not be read within the block."""
    import pyarrow as pa  # here: the workers that read JSON import this module too, and need none of it
    import pyarrow.parquet as pq

    if stored.size == 0:
        raise CannotBelong("is empty (0 bytes)")
    try:
        with storage.open(stored.path) as raw, pq.ParquetFile(raw) as file:
            yield file
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise CannotBelong(f"is not Parquet, or is cut short: {_first_line(error)}") from error


def _looked(contract: Contract, stored: StoredObject, file: Any) -> Looked:
    names = tuple(file.schema_arrow.names)
    twice = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if twice:
        raise CannotBelong(f"has columns that differ in case only: {', '.join(f'`{name}`' for name in twice)}")
    matched = match(contract, [normal(name) for name in names], stored.path)
    shapes = _shapes(file, matched, names)
    why = _why_copied(stored, file, matched, shapes, contract)
    if why and contract.classified:
        raise CannotBelong(
            f"would have to be copied unmasked before Spark can read it ({why}), and the dataset has classified "
            "columns; deliver it without"
        )
    metadata = file.metadata.metadata or {}
    layout = ParquetLayout(
        names=names, places=matched.places, shapes=shapes, copied=bool(why),
        old_calendar=metadata.get(_OLD_CALENDAR[0], b"").lower() == _OLD_CALENDAR[1],
    )  # fmt: skip
    return Looked(stored, layout, matched)


def leaves_of(file: Any) -> list[range]:
    """The numbers of the leaves of each column."""
    begins = [0]
    for field in file.schema_arrow:
        begins.append(begins[-1] + leaf_count(field.type))
    return [range(begin, end) for begin, end in itertools.pairwise(begins)]


def _shapes(file: Any, matched: Match, names: Sequence[str]) -> tuple[DataType | None, ...]:
    leaves = leaves_of(file)
    shapes = []
    for place in matched.places:
        if place is None:
            shapes.append(None)
            continue
        try:
            found = shape(file.schema_arrow.field(place).type, iter(file.schema.column(i) for i in leaves[place]))
        except UnreadableType as unreadable:
            raise CannotBelong(f"has column `{names[place]}` as {unreadable}, {_UNREADABLE}") from None
        _refuse_nested(names[place], found)
        shapes.append(found)
    return tuple(shapes)


def _refuse_nested(name: str, found: DataType) -> None:
    if is_nested(found) and WIDE in kinds(found):
        raise CannotBelong(f"has column `{name}` with a {WIDE} inside, {_UNREADABLE}")
    if isinstance(found, MapType) and is_nested(found.key):
        raise CannotBelong(f"has column `{name}` as a map with nested keys, {_UNREADABLE}")


def _why_copied(
    stored: StoredObject, file: Any, matched: Match, shapes: Sequence[DataType | None], contract: Contract
) -> str:
    """Why Spark cannot open the file, or not the columns that are read; empty where it can."""
    halves = (i for i in range(len(file.schema)) if _is_half(file.schema.column(i)))
    half = next(halves, None)
    if half is not None:
        return f"column `{file.schema.column(half).path}` is a {HALF}"
    for column, found in zip(contract.read_columns, shapes, strict=True):
        if found is not None and WIDE in kinds(found):
            return f"column `{column.source_name}` is a {WIDE}"
    if stored.uri.startswith("file:") and ":" in stored.path.rsplit("/", 1)[-1]:
        return "its name contains a colon"
    return _odd_codec(file, matched)


def _is_half(column: Any) -> bool:
    try:
        return column.length == 2 and leaf(column).kind == HALF
    except UnreadableType:
        return False


def _odd_codec(file: Any, matched: Match) -> str:
    if not file.metadata.num_row_groups:
        return ""
    group, leaves = file.metadata.row_group(0), leaves_of(file)
    for place in matched.places:
        for number in leaves[place] if place is not None else ():
            column = group.column(number)
            if column.compression not in _CODECS:
                return f"column `{column.path_in_schema}` is packed with {column.compression}"
    return ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
