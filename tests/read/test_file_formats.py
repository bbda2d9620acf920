"""A file format is declared in one place, and a half that was forgotten is found."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import fixed_width
import pytest

from headgate.columns import FAULTS, OBJECT
from headgate.contract.file_formats import FORMAT_FACTS, FileFormatName, FormatFacts, names, titles
from headgate.contract.model import Contract, Source
from headgate.read import formats
from headgate.read.file_format import FileFormat
from headgate.read.formats import file_format

READ = Path(formats.__file__).parent


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch, contract):
    """Declare the toy format, and make contracts of it."""
    facts = FormatFacts("fixed-width text", "values of four characters", "fixed_width", magic=fixed_width.MAGIC)
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


def test_the_words_of_the_contract_are_the_formats_that_are_declared():
    assert Source.model_fields["format"].annotation == FileFormatName
    assert get_args(FileFormatName) == tuple(FORMAT_FACTS)


@pytest.mark.parametrize("name", FORMAT_FACTS)
def test_the_module_of_every_format_has_the_format(name: str):
    assert isinstance(file_format(Source(format=name)), FileFormat)


def test_what_flattening_makes_of_documents_has_a_format_of_its_own():
    of_events = file_format(Source(format="json", arrive="events"))
    assert isinstance(of_events, FileFormat) and of_events is not file_format(Source(format="json"))


def test_a_format_without_its_module_cannot_be_declared():
    with pytest.raises(TypeError, match="'module'"):
        FormatFacts("fixed-width text", "values of four characters")  # type: ignore[call-arg]


def test_messages_list_the_formats_that_have_a_property():
    assert titles(lambda facts: facts.nested) == "JSON or Parquet"
    assert names(lambda facts: facts.by_path) == "json"


def test_no_step_of_reading_knows_a_format_by_name():
    """Only the modules of a format name one."""
    common = [file for file in READ.glob("*.py") if file.stem.partition("_")[0] not in FORMAT_FACTS]
    assert {"planning.py", "framing.py", "head.py", "copying.py", "layout.py"} < {file.name for file in common}
    named = re.compile("|".join(f'"{name}"' for name in FORMAT_FACTS))
    assert [file.name for file in common if named.search(file.read_text(encoding="utf-8"))] == []
