"""The first texts of a JSON file: do they look like JSON, and is it one record per line or a document?"""

from __future__ import annotations

from headgate.lake.storage import Storage, StoredObject
from headgate.read.copying import codec_name
from headgate.read.head import Head, after_lines, text_head
from headgate.read.json_exact import after_space
from headgate.read.json_kind import Kind, json_kind
from headgate.read.looks import not_of_the_format
from headgate.read.refused import CannotBelong

_LONGEST_LINE = 1 << 20  # a longer first line is taken for a record


def json_head(
    storage: Storage, stored: StoredObject, encoding: str, skip_lines: int, *, has_records: bool
) -> tuple[Head, str]:
    """The head of a file and its text without the skipped lines. Raises `CannotBelong` where it is not text."""
    head = text_head(storage, stored, encoding)
    text = after_lines(head.text(codec_name(encoding)), skip_lines)
    if not head.whole and "\n" not in text.lstrip() and not has_records:
        head = text_head(storage, stored, encoding, _LONGEST_LINE)
        text = after_lines(head.text(codec_name(encoding)), skip_lines)
    return head, text


def kind_of_head(head: Head, text: str, *, has_records: bool, hidden: bool) -> Kind:
    """The layout of the file that begins with this text. Raises `CannotBelong` for what cannot be JSON.

    Where values are `hidden` a refusal does not show the text.
    """
    start = text[after_space(text, 0) :][:1]
    if not start:
        raise CannotBelong("holds no JSON: there is no text in it")
    if start not in "{[":
        other = not_of_the_format(text, hidden=hidden)
        raise CannotBelong(
            f"{other}{', not JSON' if other.startswith('looks') else ''}" if other
            else f"does not look like JSON: it begins with `{start}`, not with an object or a list"
        )  # fmt: skip
    return json_kind(text, has_records, head.whole)
