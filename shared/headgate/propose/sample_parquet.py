"""A sample of Parquet files: their own types, and the first rows for the key."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

from headgate.errors import UnusableArgument
from headgate.lake.storage import Storage, StoredObject
from headgate.propose.sample import Column, Sample

_ROWS = 100_000


def sample_parquet(storage: Storage, files: Sequence[StoredObject]) -> Sample:
    """The columns with their types, and texts of the first rows. Raises `UnusableArgument`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with storage.open(files[0].path) as raw, pq.ParquetFile(raw) as file:
            schema, total = file.schema_arrow, file.metadata.num_rows
            batches = list(itertools.islice(file.iter_batches(_ROWS), 1))
    except (pa.ArrowException, OSError) as error:
        remedy = "Deliver the file again."
        raise UnusableArgument(
            f"cannot be read: {str(error).splitlines()[0]}", where=files[0].uri, remedy=remedy
        ) from error
    table = pa.Table.from_batches(batches, schema)
    texts = [["" if v is None else str(v) for v in column.to_pylist()] for column in table.columns]
    types = {field.name: _ddl(field.type) for field in schema}
    columns = [Column(name, Counter(values)) for name, values in zip(schema.names, texts, strict=True)]
    rows = list(zip(*texts, strict=True))
    whole = len(files) == 1 and len(rows) == total
    return Sample("parquet", columns, rows, whole=whole, files=len(files), types=types)


def _ddl(kind: Any) -> str:
    """Spark's type that holds every value; `string` where there is none."""
    import pyarrow.types as pat

    plain = (
        (pat.is_boolean, "boolean"), (pat.is_int8, "tinyint"), (pat.is_int16, "smallint"), (pat.is_int32, "int"),
        (pat.is_uint8, "smallint"), (pat.is_uint16, "int"), (pat.is_uint32, "bigint"), (pat.is_int64, "bigint"),
        (pat.is_uint64, "decimal(20,0)"), (pat.is_float32, "float"), (pat.is_float64, "double"),
        (pat.is_date, "date"), (pat.is_time, "time"), (pat.is_binary, "binary"), (pat.is_large_binary, "binary"),
    )  # fmt: skip
    if pat.is_dictionary(kind):
        return _ddl(kind.value_type)
    if pat.is_decimal128(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pat.is_timestamp(kind):
        return "timestamp" if kind.tz else "timestamp_ntz"
    if pat.is_list(kind) or pat.is_large_list(kind):
        return f"array<{_ddl(kind.value_type)}>"
    if pat.is_map(kind):
        return f"map<string,{_ddl(kind.item_type)}>"
    if pat.is_struct(kind):
        return "struct<" + ",".join(f"{field.name}:{_ddl(field.type)}" for field in kind) + ">"
    return next((ddl for test, ddl in plain if test(kind)), "string")
