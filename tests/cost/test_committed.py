"""The contracts at a commit of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from lakes import write_contracts

from headgate.cost.committed import contracts_at
from headgate.errors import UnusableArgument


def git(at: Path, *words: str) -> None:
    own = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", at, *own, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One dataset and a mart, committed below a folder, then changed."""
    lake = tmp_path / "lake"
    lake.mkdir()
    write_contracts(lake, {"orders": "", "mart": "source: {query: marts/mart.sql}"})
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    write_contracts(lake, {"orders": "job: {workers: 9}"})
    return lake


def test_contracts_and_queries_are_as_they_were_committed(repository: Path) -> None:
    with contracts_at(repository / "contracts", "HEAD") as folder:
        assert "workers" not in (folder / "orders.yaml").read_text()
        assert (folder.parent / "sql/marts/mart.sql").is_file()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("folder", "ref", "what"),
    [
        ("contracts", "no-such-branch", "git knows no commit `no-such-branch`"),
        ("sql/other", "HEAD", "there is no such folder of contracts"),
        ("new", "HEAD", "there are no contracts in `lake/new` at `HEAD`"),
    ],
)
def test_what_git_does_not_have_is_refused(repository: Path, folder: str, ref: str, what: str) -> None:
    (repository / "new").mkdir()
    with pytest.raises(UnusableArgument) as refused, contracts_at(repository / folder, ref):
        pass
    assert refused.value.what == what


def test_a_folder_outside_of_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(UnusableArgument, match="not a folder of a git repository"), contracts_at(tmp_path, "HEAD"):
        pass
