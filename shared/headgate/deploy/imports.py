"""Which files of the library a program imports, found by reading the sources and running none."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path


def imported_files(programs: Iterable[Path], package: Path) -> dict[str, Path]:
    """Return every file of `package` that the programs import, also through others, by its path beside `package`.

    An import inside a function counts, one under `if TYPE_CHECKING:` does not. Each package on the way has its
    `__init__.py` among the files. A relative import is not followed; the library has none.
    """
    found: dict[str, Path] = {}
    left = [name for program in programs for name in _imported(program)]
    while left:
        for file in _files_of(left.pop(), package):
            name = file.relative_to(package.parent).as_posix()
            if name not in found:
                found[name] = file
                left.extend(_imported(file))
    return found


def _files_of(module: str, package: Path) -> Iterator[Path]:
    """The files that Python reads to import a module: those of the packages above it, and its own."""
    names = module.split(".")
    if names[0] != package.name:
        return
    for number in range(1, len(names) + 1):
        place = package.parent.joinpath(*names[:number])
        for file in (place / "__init__.py", place.with_suffix(".py")):
            if file.is_file():
                yield file


def _imported(file: Path) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    return [name for node in _run(tree) for name in _names(node)]


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that may run: not those under `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"):
            yield from _run(child)


def _names(node: ast.AST) -> Iterator[str]:
    """`from a.b import c` may mean the module `a.b.c`, or a name of `a.b`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
