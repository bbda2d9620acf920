"""A contract proposed for files: the sample, the kind of each column, the key and what looks personal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from headgate.errors import UnusableArgument
from headgate.lake.storage import Storage, StoredObject
from headgate.propose.keys import key_of, order_of, partition_of
from headgate.propose.kind import Kind
from headgate.propose.kinds import kind_of
from headgate.propose.names import published_names
from headgate.propose.personal import Personal, personal
from headgate.propose.sample import Sample


@dataclass(frozen=True)
class ProposedColumn:
    """One column of the proposal."""

    name: str
    source: str
    kind: Kind
    personal: Personal | None = None
    required: bool = False
    note: str = ""


@dataclass(frozen=True)
class Proposal:
    """What a contract for the files would say, and on what it rests."""

    dataset: str
    sample: Sample
    columns: Sequence[ProposedColumn]
    null_texts: Sequence[str]
    key: Sequence[str]
    order: str | None
    partition: str | None

    @property
    def misfits(self) -> dict[str, Sequence[str]]:
        """By column, values of the sample that the gate will refuse."""
        return {column.name: column.kind.misfits for column in self.columns if column.kind.misfits}


def propose(dataset: str, storage: Storage, files: Sequence[StoredObject]) -> Proposal:
    """Look at a sample of the files and propose. Raises `UnusableArgument` for files that cannot be read."""
    sample = sample_of(storage, files)
    names = published_names(column.source for column in sample.columns)
    columns = []
    for name, column in zip(names, sample.columns, strict=True):
        known = sample.types.get(column.source)
        kind = Kind(known, why=column.nested) if known else kind_of(name, column.texts)
        columns.append(ProposedColumn(name, column.source, kind, None if known else personal(name, column.texts)))
    types = {column.name: column.kind.type for column in columns}
    nothing = [text for text, _ in Counter(text for column in columns for text in column.kind.nothing).most_common()]
    key = key_of(dataset, types, sample.rows)
    columns = [
        ProposedColumn(c.name, c.source, c.kind, c.personal, required=c.name in key) for c in columns
    ]  # fmt: skip
    shown = {column.name: column.kind.type for column in columns if column.personal is None}
    return Proposal(dataset, sample, columns, nothing, key, order_of(shown), partition_of(shown))


def sample_of(storage: Storage, files: Sequence[StoredObject]) -> Sample:
    """The sample, by the format that the files have."""
    from headgate.propose import pieces, sample, sample_json, sample_parquet

    if not files:
        raise UnusableArgument("there is no file", remedy="Name a file, or a folder with files of one dataset.")
    beginning = storage.head(files[0].path, 4)
    if beginning == b"PAR1":
        return sample_parquet.sample_parquet(storage, files)
    if beginning.startswith(b"PK\x03\x04"):
        remedy = "Save a workbook as CSV; a zip of CSV files: unpack one, propose from it, and deliver zips later."
        raise UnusableArgument("is a zip file or an Excel workbook", where=files[0].uri, remedy=remedy)
    read = pieces.pieces_of(storage, files)
    text = read.pieces[0].text.lstrip()
    return sample_json.sample_json(read) if text[:1] in ("{", "[") else sample.sample_csv(read)
