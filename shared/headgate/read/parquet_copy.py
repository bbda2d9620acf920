"""Copy a Parquet file that Spark cannot open: the columns that are read, in types and a codec that it can."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, cast

from headgate.contract.types import FLOATS
from headgate.lake.storage import Storage, StoredObject
from headgate.read.layout import Looked
from headgate.read.parquet_look import ParquetLayout, leaves_of, look
from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_IN_MEMORY = 16 << 20
_ROWS = 20_000  # of one batch


def copied_parquet(contract: Contract, store: Storage, looked: Looked, aside: Storage) -> Looked:
    """The file, to be read from a copy in `aside`; the copy is made once. Raises `CannotBelong`."""
    layout = cast(ParquetLayout, looked.layout)
    read = list(zip(contract.read_columns, layout.places, strict=True))
    if not any(place is not None for place in layout.places):
        raise CannotBelong("has none of the contract's columns, and would have to be copied before Spark can read it")
    wanted = {layout.names[place]: column.data_type.kind for column, place in read if place is not None}
    identity = f"{looked.object.uri} {looked.object.etag} {sorted(wanted.items())}"
    name = hashlib.sha256(identity.encode()).hexdigest()[:40] + ".parquet"
    if not aside.exists(name):
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as target:
            _copy(store, looked.object, wanted, cast(IO[bytes], target))
            target.seek(0)
            aside.put(name, cast(IO[bytes], target))
    copy = replace(looked.object, path=name, uri=aside.uri(name))
    return replace(looked, uri=aside.uri(name), layout=look(contract, aside, copy).layout)


def _copy(store: Storage, stored: StoredObject, wanted: dict[str, str], target: IO[bytes]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with (
            store.open(stored.path) as raw,
            pq.ParquetFile(raw, coerce_int96_timestamp_unit="us", page_checksum_verification=True) as file,
        ):
            kept = [field for field in file.schema_arrow if field.name in wanted]
            schema = pa.schema(
                [_plain_field(field, wanted[field.name], file) for field in kept], file.schema_arrow.metadata
            )
            with pq.ParquetWriter(target, schema, store_schema=False) as writer:
                for batch in file.iter_batches(_ROWS, columns=[field.name for field in kept]):
                    columns = [_plain(batch.column(f.name), schema.field(f.name).type) for f in kept]
                    writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise CannotBelong(f"is cut short or broken: {str(error).splitlines()[0]}") from error


def _plain_field(field: Any, kind: str, file: Any) -> Any:
    import pyarrow as pa

    leaves = leaves_of(file)[file.schema_arrow.get_field_index(field.name)]
    instants = any(file.schema.column(i).physical_type == "INT96" for i in leaves)
    return pa.field(field.name, _plain_type(field.type, instants, as_text=kind not in FLOATS), field.nullable)


def _plain_type(kind: Any, instants: bool, *, as_text: bool = False) -> Any:
    """A type that Spark reads: INT96 are `instants`, and numbers that only Arrow knows are texts or floats."""
    import pyarrow as pa
    import pyarrow.types as pat

    if isinstance(kind, pa.BaseExtensionType):
        return _plain_type(kind.storage_type, instants)
    if pat.is_dictionary(kind):
        return _plain_type(kind.value_type, instants)
    if pat.is_float16(kind):
        return pa.string() if as_text else pa.float32()
    if pat.is_decimal256(kind):
        return pa.string()
    if pat.is_timestamp(kind) and instants:
        return pa.timestamp("us", "UTC")
    if pat.is_map(kind):
        return pa.map_(_plain_type(kind.key_type, instants), _plain_type(kind.item_type, instants))
    if pat.is_struct(kind):
        return pa.struct([field.with_type(_plain_type(field.type, instants)) for field in kind])
    return pa.list_(_plain_type(kind.value_type, instants)) if hasattr(kind, "value_field") else kind


def _plain(column: Any, wanted: Any) -> Any:
    import pyarrow as pa
    import pyarrow.types as pat

    if pat.is_float16(column.type) and pat.is_string(wanted):
        return pa.array([_shortest(number) for number in column], wanted)
    if pat.is_decimal256(column.type):
        return pa.array([None if v is None else _without_zeros(f"{v:f}") for v in column.to_pylist()], wanted)
    if isinstance(column.type, pa.BaseExtensionType):
        return _plain(column.storage, wanted)
    return column.cast(wanted)


def _shortest(number: Any) -> str | None:
    """The shortest decimal form that means this half-precision number and no other."""
    import numpy as np

    value = number.as_py()
    if value is None or not np.isfinite(value):
        return None if value is None else str(value)
    return np.format_float_positional(np.float16(value), unique=True, trim="-")


def _without_zeros(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
