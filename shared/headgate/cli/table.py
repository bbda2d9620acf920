"""Tables on a terminal: numbers are whole and on the right, texts are cut with `…` where the width ends.

Columns that do not fit side by side continue in a second table below, which repeats the first column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

_GAP = 2  # spaces between two columns
_TEXT_AT_LEAST = 12  # columns of the terminal for a text, if it is longer


@dataclass(frozen=True)
class Column:
    """A column's name and its cells as text; `number` cells are never cut. `styles` are Rich's, by cell."""

    name: str
    cells: Sequence[str]
    number: bool = False
    whole: bool = False  # a text that is never cut either
    styles: Sequence[str] = ()

    @property
    def wanted(self) -> int:
        """The width in which nothing is cut."""
        return max([cell_len(self.name), *map(cell_len, self.cells)])

    @property
    def least(self) -> int:
        """The width that it must have."""
        return self.wanted if self.number or self.whole else min(self.wanted, _TEXT_AT_LEAST)


def console() -> Console:
    """A console as wide as the terminal, and at least 200 columns when the output goes to a pipe or a file."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=max(plain.width, 200))


def print_table(console: Console, columns: Sequence[Column]) -> None:
    """Print the columns in the width of the console."""
    columns = [replace(column, name=one_line(column.name), cells=[*map(one_line, column.cells)]) for column in columns]
    for block in _blocks(columns, console.width):
        _print_block(console, block, _widths(block, console.width))


def one_line(text: str) -> str:
    """The text without line breaks and without codes that a terminal would obey."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def _blocks(columns: Sequence[Column], width: int) -> Iterator[Sequence[Column]]:
    """As many columns as fit, then the others with the first column again."""
    first, others = columns[0], list(columns[1:])
    block, used = [first], first.least
    for column in others:
        if len(block) > 1 and used + _GAP + column.least > width:
            yield block
            block, used = [first], first.least
        block.append(column)
        used += _GAP + column.least
    yield block


def _widths(block: Sequence[Column], width: int) -> list[int]:
    """Each column's width: what is left over goes to the texts that want more, the same to each."""
    widths = [column.least for column in block]
    left = width - sum(widths) - _GAP * (len(block) - 1)
    while left > 0 and (wanting := [i for i, column in enumerate(block) if widths[i] < column.wanted]):
        for i in wanting[:left]:
            widths[i] += 1
        left -= len(wanting[:left])
    return widths


def _print_block(console: Console, block: Sequence[Column], widths: Sequence[int]) -> None:
    console.print(_line([_fit(column.name, w, right=column.number) for column, w in zip(block, widths, strict=True)]))
    console.print("─" * (sum(widths) + _GAP * (len(widths) - 1)), style="dim", soft_wrap=True)
    for row in range(len(block[0].cells)):
        cells = [_fit(column.cells[row], w, right=column.number) for column, w in zip(block, widths, strict=True)]
        styles = [column.styles[row] if column.styles else "" for column in block]
        console.print(_line(cells, styles), soft_wrap=True)
    console.print()


def _line(cells: Sequence[str], styles: Sequence[str] = ()) -> Text:
    line = Text(no_wrap=True)
    for at, cell in enumerate(cells):
        line.append(cell if at + 1 < len(cells) else cell.rstrip(), style=styles[at] if styles else "bold")
        line.append(" " * _GAP if at + 1 < len(cells) else "")
    return line


def _fit(text: str, width: int, *, right: bool) -> str:
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    space = " " * (width - cell_len(text))
    return space + text if right else text + space
