"""Random texts as values in the paths of files, as Hive writes them: each comes back, or its file is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from depth import at_depth
from headgate.contract.path_pattern import hive_value, parse_pattern
from headgate.read.path_values import folder_values
from headgate.read.refused import CannotBelong

NULL = "__HIVE_DEFAULT_PARTITION__"
HOSTILE = list("/\\ %:=?*'\"#{}[]^+.&_~\t\n\r\x01\x7f\x85\u00a0\u2028é音🎵٣Aa0,;|<>$-")
TEXTS = st.text(st.sampled_from(HOSTILE) | st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
ODD = [
    "..",
    ".",
    "a/../b",
    "%2F",
    "%",
    "%zz",
    "%C3%A9",
    "%ff",
    "null",
    "NULL",
    "=",
    "a=b",
    "c.csv",
    ".zip",
    "x.zip",
    "*",
]
VALUES = TEXTS | st.sampled_from(ODD) | st.text("é/", min_size=20, max_size=40)
SLOW = (HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.function_scoped_fixture)


def escaped(text: str | None) -> str:
    """As Hive's FileUtils.escapePathName."""
    if text is None:
        return NULL
    return "".join(f"%{ord(c):02X}" if ord(c) < 32 or c in "\x7f\"#%'*/:=?\\{[]^" else c for c in text)


@given(VALUES | st.none(), VALUES)
@settings(max_examples=300, deadline=None)
def test_what_hive_escapes_is_read_from_a_folder_and_by_a_pattern(
    contract_of: Any, code: str | None, other: str
) -> None:
    path = f"things/Code={escaped(code)}/x/other={escaped(other)}/f.csv"
    assert folder_values(contract_of("id", "code", "other"), path) == {"code": code, "other": other}
    assert parse_pattern("Code={code}/*/other={other}/*").values(path) == {"code": code, "other": other}


@given(st.binary(min_size=1, max_size=4), st.text("ab%é", max_size=3))
@settings(max_examples=300, deadline=None)
def test_escaped_bytes_are_a_text_or_their_file_is_refused(contract_of: Any, raw: bytes, before: str) -> None:
    folder = escaped(before) + "".join(f"%{byte:02x}" for byte in raw)
    try:
        wanted = before + raw.decode()
    except UnicodeDecodeError:
        with pytest.raises(ValueError, match="escaped bytes are not utf-8"):
            hive_value(folder)
        with pytest.raises(CannotBelong, match=re.escape(f"has a path with `{folder}`, whose escaped")):
            folder_values(contract_of("id", "code"), f"things/code={folder}/f.csv")
    else:
        assert hive_value(folder) == wanted


@pytest.fixture(scope="module")
def contract_of() -> Any:
    from headgate.contract.model import Contract

    def make(*names: str) -> Contract:
        described = [{"name": name, "type": "string"} for name in names]
        about = {"dataset": "things", "domain": "tests", "owner": "nobody", "description": "One row per thing."}
        return Contract.model_validate({**about, "columns": described})

    return make


@pytest.mark.deep
def test_files_in_such_folders_are_read_with_their_values(staging: Any, contract: Any) -> None:
    """Many files at once, in Hive's folders and in folders that `from_path` takes as they are."""
    rounds: list[str] = []
    texts = st.lists(
        VALUES.filter(lambda text: len(escaped(text).encode()) < 200), min_size=30, max_size=60, unique=True
    )

    @given(texts)
    @settings(
        max_examples=at_depth(20, 3), deadline=None, phases=[Phase.generate],
        suppress_health_check=SLOW,
    )  # fmt: skip
    def are_read(codes: list[str]) -> None:
        root = f"things{len(rounds)}"
        rounds.append(root)
        names = [code for code in codes if "/" not in code and "\x00" not in code and not code.startswith((".", "_"))]
        names = [name for name in names if name]
        for at, code in enumerate(codes):
            staging.put(f"{root}/hive/code={escaped(code)}/{at}.csv", f"id\n{at}\n")
        for at, name in enumerate(names):
            staging.put(f"{root}/plain/{name}/{at}.csv", f"id\n{at}\n")
        got = dict(staging.values(contract("id", "code", path=f"{root}/hive/")))
        assert got == {str(at): code for at, code in enumerate(codes)}
        made = contract("id", "code", path=f"{root}/plain/", from_path="{code}/*.csv")
        assert dict(staging.values(made)) == {str(at): name for at, name in enumerate(names)}

    are_read()
