"""A job's arguments: the same answer from Glue's own function and without it, over one table of command lines."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pytest

from headgate.errors import UnusableArgument
from headgate.runtime import resolved

REQUIRED = ("lake", "source")
OPTIONAL = ("dataset", "database", "dry_run")
BOTH = ["--lake", "l", "--source", "s"]

RESOLVED: dict[str, tuple[list[str], dict[str, str]]] = {
    "a space between": (["--dataset", "d"], {"dataset": "d"}),
    "an equals sign between": (["--dataset=d"], {"dataset": "d"}),
    "no optional one": ([], {}),
    "the last of equal names": (["--dataset", "a", "--dataset=b"], {"dataset": "b"}),
    "a required name again": (["--lake=other"], {"lake": "other"}),
    "an empty value after a space": (["--dataset", ""], {"dataset": ""}),
    "an empty value after an equals sign": (["--dataset="], {"dataset": ""}),
    "a value with spaces": (["--dataset", "two words"], {"dataset": "two words"}),
    "a value with equals signs": (["--dataset", "a=b=c"], {"dataset": "a=b=c"}),
    "equals signs in both places": (["--dataset=a=b=c"], {"dataset": "a=b=c"}),
    "a value with commas": (["--dataset", "a, b,c"], {"dataset": "a, b,c"}),
    "letters of other scripts": (["--dataset", "žluťoučký 音楽 🎵"], {"dataset": "žluťoučký 音楽 🎵"}),
    "JSON": (["--database", '{"a": "--b", "c": [1]}'], {"database": '{"a": "--b", "c": [1]}'}),
    "a line break in a value": (["--dataset", "a\nb"], {"dataset": "a\nb"}),
    "a dash after an equals sign": (["--dataset=-d"], {"dataset": "-d"}),
    "two dashes after an equals sign": (["--dataset=--lake"], {"dataset": "--lake"}),
    "a negative number": (["--dataset", "-5"], {"dataset": "-5"}),
    "a lone dash": (["--dataset", "-"], {"dataset": "-"}),
    "a dash and a space in a value": (["--dataset", "- d"], {"dataset": "- d"}),
    "an undeclared name": (["--JOB_NAME", "refine", "--enable-metrics=true"], {}),
    "an undeclared name with a declared one for its value": (["--other", "dataset"], {}),
    "an undeclared name without a value": (["--other", "--dataset", "d"], {"dataset": "d"}),
    "a longer name": (["--datasets", "d"], {}),
    "another case": (["--Dataset", "d"], {}),
    "one dash": (["-dataset", "d"], {}),
    "words without a name": (["dataset", "d"], {}),
    "what follows two dashes": (["--", "dataset", "d"], {}),
    "what Glue adds": (["--job-bookmark-option", "job-bookmark-disable", "--TempDir", "s3://b/t"], {}),
}

REFUSED: dict[str, tuple[list[str], str]] = {
    "nothing at all": ([], "`--lake` is missing"),
    "one of two required": (["--lake", "l"], "`--source` is missing"),
    "a name without a value at the end": ([*BOTH, "--dataset"], "--dataset: expected one argument"),
    "a required name without a value": (["--lake", "--source", "s"], "--lake: expected one argument"),
    "a value that begins with a dash": ([*BOTH, "--dataset", "-d"], "--dataset: expected one argument"),
    "a value like a name": ([*BOTH, "--dataset", "--lake"], "--dataset: expected one argument"),
    "two dashes for a value": ([*BOTH, "--dataset", "--"], "--dataset: expected one argument"),
    "a required name after two dashes": (["--lake", "l", "--", "--source", "s"], "`--source` is"),
}

# Glue's function takes these for the longer name, or stops at them; neither is wanted.
REFUSED_HERE: dict[str, tuple[list[str], str]] = {
    "a beginning": ([*BOTH, "--dry", "true"], "`--dry` is not an argument"),
    "a beginning with an equals sign": ([*BOTH, "--datas=d"], "`--datas` is not an argument"),
    "a beginning of two names": ([*BOTH, "--data", "d"], "`--data` is not an argument"),
    "a beginning of a required name": (["--lak", "l", "--source", "s"], "`--lak` is not an argument"),
    "a beginning beside the name": ([*BOTH, "--dataset", "d", "--datase", "e"], "`--datase` is not an argument"),
    "a hyphen for the underscore": ([*BOTH, "--dry-run", "true"], "`--dry-run` is not an argument"),
    "a beginning without a value": ([*BOTH, "--dry"], "`--dry` is not an argument"),
}

# Glue's function ends the process, or demands a choice; here these are words like any other that is not declared.
PASSED_OVER: dict[str, list[str]] = {
    "help": ["--help"],
    "help in short": ["-h"],
    "a beginning of what Glue reserves": ["--job", "x"],
    "a bookmark that Glue does not know": ["--job-bookmark-option", "other"],
}


@pytest.fixture(params=["Glue's own function", "a laptop"])
def side(request: pytest.FixtureRequest) -> str:
    """Both states: with `awsglue` on the path, and without."""
    if request.param != "a laptop":
        request.getfixturevalue("awsglue")
    assert (importlib.util.find_spec("awsglue") is not None) == (request.param != "a laptop")
    return request.param


def _resolved(words: Sequence[str]) -> dict[str, str]:
    return resolved(["refine.py", *words], REQUIRED, OPTIONAL)


@pytest.mark.parametrize("case", RESOLVED)
def test_both_sides_take(case: str, side: str) -> None:
    words, expected = RESOLVED[case]
    assert _resolved([*BOTH, *words]) == {"lake": "l", "source": "s", **expected}


@pytest.mark.parametrize("case", {**REFUSED, **REFUSED_HERE})
def test_both_sides_refuse(case: str, side: str) -> None:
    words, message = {**REFUSED, **REFUSED_HERE}[case]
    with pytest.raises(UnusableArgument) as refusal:
        _resolved(words)
    assert message in str(refusal.value)
    assert refusal.value.remedy


@pytest.mark.parametrize("case", PASSED_OVER)
def test_both_sides_pass_over(case: str, side: str) -> None:
    assert _resolved([*BOTH, *PASSED_OVER[case]]) == {"lake": "l", "source": "s"}


@pytest.mark.parametrize("case", RESOLVED)
def test_glues_function_alone_takes_the_same(case: str, awsglue: Path) -> None:
    from awsglue.utils import getResolvedOptions  # pyright: ignore[reportMissingImports]

    words, expected = RESOLVED[case]
    wanted = ["lake", "source", *expected]
    found = getResolvedOptions(["refine.py", *BOTH, *words], [name for name in dict.fromkeys(wanted)])
    assert {name: found[name] for name in wanted} == {"lake": "l", "source": "s", **expected}


@pytest.mark.parametrize("case", REFUSED)
def test_glues_function_alone_refuses_the_same(case: str, awsglue: Path) -> None:
    from awsglue.utils import GlueArgumentError, getResolvedOptions  # pyright: ignore[reportMissingImports]

    words, _ = REFUSED[case]
    named = [name for name in OPTIONAL if f"--{name}" in words]
    with pytest.raises(GlueArgumentError):
        getResolvedOptions(["refine.py", *words], [*REQUIRED, *named])
