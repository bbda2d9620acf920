"""Names in the warehouse: one schema for all tables, and every name quoted, so that no word is reserved."""

from __future__ import annotations

from dataclasses import dataclass

LOADS = "headgate_loads"
LONGEST = 127  # bytes of an identifier: docs.aws.amazon.com/redshift/latest/dg/r_names.html


@dataclass(frozen=True)
class Warehouse:
    """Where tables are, who reads them, and the role by which COPY reads the exports (`default`: the namespace's)."""

    schema: str = "lake"
    copy_role: str = "default"

    @property
    def readers(self) -> str:
        """The group whose members may read every table."""
        return f"{self.schema}_readers"

    @property
    def loaders(self) -> str:
        """The group whose members may write rows into every table."""
        return f"{self.schema}_loaders"

    @property
    def live(self) -> str:
        """The external schema, through which the lake's own tables are read without a load."""
        return f"{self.schema}_live"

    def table(self, name: str) -> str:
        """A table's name, with its schema."""
        return f"{quoted(self.schema)}.{quoted(name)}"

    @property
    def loads(self) -> str:
        """The table of loads."""
        return self.table(LOADS)

    @property
    def iam_role(self) -> str:
        """The role as COPY spells it."""
        return "default" if self.copy_role == "default" else text(self.copy_role)


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def names(several: tuple[str, ...] | list[str]) -> str:
    """Names as a list of identifiers."""
    return ", ".join(map(quoted, several))


def text(value: str) -> str:
    """A text as a literal; Redshift reads a backslash in it as the beginning of an escape."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
