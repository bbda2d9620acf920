"""A file format is declared in one place, and a half that was forgotten is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import FAULTS, OBJECT
from headgate.contract.file_formats import FORMAT_FACTS, FileFormatName, FormatFacts, names, titles
from headgate.contract.model import Contract, Source
from headgate.lake.storage import Storage, StoredObject
from headgate.lake.uris import read_path
from headgate.read import file_format, formats
from headgate.read.file_format import FileFormat, Look
from headgate.read.formats import FILE_FORMATS
from headgate.read.layout import Group, HeaderLayout, Looked
from headgate.read.names import match
from headgate.read.refused import CannotBelong

READ = Path(formats.__file__).parent

# The toy: a line `!fixed name name …`, then one record per line, in which every value is four characters wide.
MAGIC = b"!fixed "


def fixed_looker(contract: Contract, storage: Storage, objects: Sequence[StoredObject]) -> Look:
    def look(stored: StoredObject) -> Looked:
        first = storage.head(stored.path, 1000).partition(b"\n")[0]
        if not first.startswith(MAGIC):
            raise CannotBelong("does not begin with `!fixed`")
        header = tuple(first.decode().split()[1:])
        matched = match(contract, header)
        return Looked(stored, HeaderLayout(names=header, places=matched.places), matched)

    return look


def fixed_frame(spark: SparkSession, contract: Contract, group: Group[HeaderLayout]) -> DataFrame:
    lines = spark.read.text([read_path(file.read_uri) for file in group.files]).where("value NOT LIKE '!fixed %'")
    places = zip(contract.read_columns, group.layout.places, strict=True)
    values = [F.trim(F.substring("value", (place or 0) * 4 + 1, 4)).alias(column.name) for column, place in places]
    return lines.select(*values, *file_format.without_faults(), file_format.file_name())


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch, contract):
    """Declare the toy format, and make contracts of it."""
    monkeypatch.setitem(FILE_FORMATS, "fixed", FileFormat(fixed_looker, fixed_frame))  # type: ignore[arg-type]
    facts = FormatFacts("fixed-width text", "values of four characters", magic=MAGIC)
    monkeypatch.setitem(FORMAT_FACTS, "fixed", facts)  # type: ignore[arg-type]

    def make(*columns: str, **source) -> Contract:
        made = contract(*columns, **source)
        return made.model_copy(update={"source": made.source.model_copy(update={"format": "fixed"})})

    return make


def test_a_new_format_is_looked_at_grouped_and_read_from_its_one_declaration(staging, fixed):
    staging.put("things/1.fix", "!fixed id name\n1   anna\n2   bo  \n")
    staging.put("things/2.fix", "!fixed name id\ncy  3   \n")
    made = fixed("id", "name")
    assert len(staging.plan(made).groups) == 2
    assert staging.values(made, "id", "name", FAULTS, OBJECT) == [
        ("1", "anna", [], "things/1.fix"), ("2", "bo", [], "things/1.fix"), ("3", "cy", [], "things/2.fix"),
    ]  # fmt: skip


def test_a_path_lists_the_files_of_a_new_format_by_their_ending(staging, fixed):
    staging.put("things/1.fix", "!fixed id\n1   \n")
    staging.put("things/1.txt", "anything\n")
    assert staging.values(fixed("id", path="things/*.fix")) == [("1",)]


def test_a_file_that_is_not_of_the_new_format_is_refused_and_so_is_one_of_it_as_another(staging, fixed, contract):
    staging.put("things/1.fix", "id\n1\n")
    staging.put("things/2.fix", "!fixed id\n1   \n")
    assert staging.refused(fixed("id")) == {"things/1.fix": "does not begin with `!fixed`"}
    assert staging.refused(contract("id")) == {"things/2.fix": "is not text: it looks like fixed-width text"}


def test_the_words_of_the_contract_and_the_formats_that_can_be_read_are_the_same():
    words = get_args(FileFormatName)
    assert Source.model_fields["format"].annotation == FileFormatName
    assert set(FORMAT_FACTS) == set(words), "a format without facts: headgate/contract/file_formats.py"
    assert set(FILE_FORMATS) == set(words), "a format that nothing reads: headgate/read/formats.py"


def test_messages_list_the_formats_that_have_a_property():
    assert titles(lambda facts: facts.nested) == "JSON or Parquet"
    assert names(lambda facts: facts.by_path) == "json"


def test_no_step_of_reading_knows_a_format_by_name():
    """Only the modules of a format, and the list of formats, name one."""
    common = [file for file in READ.glob("*.py") if file.stem.partition("_")[0] not in FORMAT_FACTS]
    assert {"planning.py", "framing.py", "head.py", "copying.py", "layout.py"} < {file.name for file in common}
    named = re.compile("|".join(f'"{name}"' for name in FORMAT_FACTS))
    assert [file.name for file in common if named.search(file.read_text(encoding="utf-8"))] == ["formats.py"]
