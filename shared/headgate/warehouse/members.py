"""Who may do what in the warehouse: an owner of schema and tables, loaders who write rows, readers who read them.

A program or person that comes with an IAM role is the database user `IAMR:<role>`:
docs.aws.amazon.com/redshift/latest/mgmt/data-api-iam.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headgate.warehouse.data_api import DataApi
from headgate.warehouse.names import Warehouse, quoted

USERS = "SELECT usename FROM pg_user"
GROUPS = "SELECT groname FROM pg_group"
_MEMBERS = "SELECT g.groname, u.usename FROM pg_group g JOIN pg_user u ON u.usesysid = ANY(g.grolist)"


@dataclass(frozen=True)
class Members:
    """IAM roles by what they do. Each is named by its name or its ARN; the owner may be missing."""

    owner: str = ""
    loaders: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What the database has already: users, groups, and who is in which group (group, user)."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    members: frozenset[tuple[str, str]] = frozenset()


def user_of(role: str) -> str:
    """The database user of an IAM role."""
    return f"IAMR:{role.rpartition('/')[2]}"


def known_members(api: DataApi) -> Known:
    """Ask the database. Raises `RunFailed` with Redshift's message."""
    return Known(
        users=frozenset(str(row[0]) for row in api.rows(USERS, "users")),
        groups=frozenset(str(row[0]) for row in api.rows(GROUPS, "groups")),
        members=frozenset((str(row[0]), str(row[1])) for row in api.rows(_MEMBERS, "members")),
    )


def member_statements(members: Members, warehouse: Warehouse, database: str, known: Known) -> list[str]:
    """The statements that an administrator of the database runs once: groups, users, and the owner's schema.

    They take nothing from anybody, and leave out what is there already.
    """
    in_group = {
        warehouse.loaders: list(map(user_of, members.loaders)),
        warehouse.readers: [*map(user_of, members.readers)],
    }
    owners = [user_of(members.owner)] if members.owner else []
    wanted = [*owners, *(user for users in in_group.values() for user in users)]
    return [
        *(f"CREATE GROUP {quoted(group)}" for group in in_group if group not in known.groups),
        *(f"CREATE USER {quoted(user)} PASSWORD DISABLE" for user in dict.fromkeys(wanted) if user not in known.users),
        *(statement for owner in owners for statement in _owned(owner, warehouse, database)),
        *_joined(in_group, known),
    ]


def _owned(owner: str, warehouse: Warehouse, database: str) -> list[str]:
    """CREATE SCHEMA leaves a schema that is there with its owner, so ALTER follows."""
    schema = quoted(warehouse.schema)
    return [
        f"GRANT CREATE ON DATABASE {quoted(database)} TO {quoted(owner)}",
        f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {quoted(owner)}",
        f"ALTER SCHEMA {schema} OWNER TO {quoted(owner)}",
    ]


def _joined(in_group: dict[str, list[str]], known: Known) -> Sequence[str]:
    return [
        f"ALTER GROUP {quoted(group)} ADD USER {quoted(user)}"
        for group, users in in_group.items()
        for user in users
        if (group, user) not in known.members
    ]
