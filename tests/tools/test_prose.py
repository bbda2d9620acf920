"""The linter of prose finds a refused phrase wherever a person reads it, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from needs import ROOT
from tools import prose

READ = {
    "comment.py": "x = 1  # the table stands\n",
    "comment_over_two_lines.py": "# it goes by\n# and by\n",
    "docstring.py": 'def f():\n    """The table stands."""\n',
    "message.py": 'raise ValueError("the table stands")\n',
    "message_with_values.py": 'print(f"{name} stands in {place}")\n',
    "message_in_two_parts.py": 'print("removed by "\n      "and by")\n',
    "after_a_new_line.py": 'print("one\\nstands here")\n',
    "page.md": "# A page\n\nThe table\nstands.\n",
    "page.html.j2": "<p>{{ name }} stands</p>\n",
    "main.tf": 'variable "x" {\n  description = "Where the table stands."  # read\n}\n',
    "rules.yaml": "# Where the table stands.\n",
    "Makefile": "run: ## Run where the table stands\n",
}

NOT_READ = {
    "code.py": "stands = 1\nprint(stands)\n",
    "key.py": 'x = {"stands": 1}\n',
    "value.py": 'print(f"the {stands} of it")\n',
    "two_texts.py": 'f("by the by and", "by the way")\n',
    "quotation.py": '"""Refuse `stands` and `by\nand by`."""\n',
    "quotation.md": "Never write `stands`.\n",
    "fence.md": "```\nthe table stands\n```\n",
    "tag.html.j2": "<p>{{ stands }}{% if stands %}<b class='stands'>{% endif %}</p>\n",
    "another_word.md": "The bystanders and the standard.\n",
    "stands_for.md": "`{table}` stands for the new one; there is no other.\n",
    "data.json": '{"x": "stands here"}\n',
    "tests/text_of_a_test.py": 'def test():\n    assert shown == "the table stands"\n',
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("name", READ)
def test_a_refused_phrase_is_found_in(name, tmp_path, capsys):
    file = write(tmp_path, {name: READ[name]}) / name
    assert prose.main([str(file)]) == 1
    out = capsys.readouterr().out
    assert re.search(r'"(stands|by and by)": write ', out) and out.count("\n") == 1


@pytest.mark.parametrize("name", NOT_READ)
def test_a_text_that_nobody_reads_as_prose_passes(name, tmp_path, capsys):
    file = write(tmp_path, {name: NOT_READ[name]}) / name
    assert prose.main([str(file)]) == 0
    assert capsys.readouterr().out == ""


def test_a_finding_names_file_line_phrase_and_the_better_word(tmp_path, capsys):
    write(tmp_path, {"page.md": "# A page\n\nOne.\nIt goes by\nand by. The table stands.\n"})
    prose.main([str(tmp_path)])
    assert capsys.readouterr().out.splitlines() == [
        f'{tmp_path}/page.md:4: "by and by": write "gradually" or "later"',
        f'{tmp_path}/page.md:5: "stands": write "is", "exists" or "is written"',
    ]


def test_a_folder_is_read_to_its_leaves_without_what_is_hidden(tmp_path, capsys):
    write(tmp_path, {"b.md": "It stands.\n", "deep/a.md": "It stands.\n", ".hidden/c.md": "It stands.\n"})
    assert prose.main([str(tmp_path)]) == 1
    shown = [line.split(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert shown == [f"{tmp_path}/b.md", f"{tmp_path}/deep/a.md"]


def test_a_path_that_does_not_exist_is_an_error_of_its_own(tmp_path, capsys):
    assert prose.main([str(tmp_path / "gone")]) == 2
    assert "gone: there is no such file or folder" in capsys.readouterr().err


def test_without_a_path_every_file_at_the_top_of_the_repository_is_read_or_hidden():
    known = {Path(room).name for room in prose.ROOMS}
    seen = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    unread = {name for name in seen - known if prose.READERS.get(Path(name).suffix or name) or (ROOT / name).is_dir()}
    assert unread <= {"expectations", "build", "dist", "metastore_db", "spark-warehouse"}


SENTENCES = """
`--keep_days x` is no number of days
Nothing says what is read again.
Texts as they came.
A test holds these rights against Terraform's calls.
Mend the source.
It is gone after so many days.
A contract of one's own.
The rows were written aside.
Who is told of alarms.
A row that is no JSON.
""".strip().splitlines()

FINE = """
There is no dataset `x` where no row is left.
It is no longer read, and costs no more than before.
So many files that one more does not matter.
The schedule goes one hour ahead, and is on hold.
The check fails whatever happens, and `{table}` stands for the table.
Names, made once, come in order to a room of its own.
""".strip().splitlines()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_of_the_kind_that_has_to_be_read_twice_is_refused(sentence, tmp_path):
    assert prose.main([str(write(tmp_path, {"page.md": sentence}))]) == 1


@pytest.mark.parametrize("sentence", FINE)
def test_a_plain_sentence_with_some_of_the_same_words_passes(sentence, tmp_path, capsys):
    assert prose.main([str(write(tmp_path, {"page.md": sentence}))]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(("file", "phrase"), prose.EXCEPTIONS)
def test_an_exception_is_still_needed(file, phrase, monkeypatch):
    monkeypatch.setattr(prose, "EXCEPTIONS", {})
    assert [line for line in prose.refused(ROOT / file) if f'"{phrase}"' in line]
