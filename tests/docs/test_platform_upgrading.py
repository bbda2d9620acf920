"""docs/UPGRADING.md: its commands, run between a product and a clone that have both changed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/UPGRADING.md").read_text(encoding="utf-8")
WHO = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

OLD = {
    "contracts/contract.schema.json": "old",
    "contracts/music/changed_there_removed_here.yaml": "old",
    "contracts/music/changed_on_both_sides.yaml": "old",
    "contracts/music/removed_there.yaml": "old",
    "sql/marts/changed_there.sql": "old",
    "terraform/environments/dev.tfvars": "old",
    "terraform/lake.tf": "old",
    "shared/headgate/run.py": "old",
}
NEW: dict[str, str | None] = {
    "contracts/contract.schema.json": "new",
    "contracts/music/changed_there_removed_here.yaml": "new",
    "contracts/music/changed_on_both_sides.yaml": "new",
    "contracts/music/removed_there.yaml": None,
    "contracts/music/added_there.yaml": "new",
    "sql/marts/changed_there.sql": "new",
    "sql/athena/added_there.sql": "new",
    "terraform/environments/dev.tfvars": "new",
    "terraform/lake.tf": "new",
    "terraform/moved.tf": "new",
    "shared/headgate/run.py": "new",
}
MINE: dict[str, str | None] = {
    "contracts/music/changed_there_removed_here.yaml": None,
    "contracts/music/changed_on_both_sides.yaml": "mine",
    "contracts/shop/orders.yaml": "mine",
    "terraform/environments/dev.tfvars": "mine",
    "terraform/environments/prod.tfvars": "mine",
}
AFTER = {
    "contracts/contract.schema.json": "new",
    "contracts/music/changed_on_both_sides.yaml": "mine",
    "contracts/music/removed_there.yaml": "old",
    "contracts/shop/orders.yaml": "mine",
    "sql/marts/changed_there.sql": "old",
    "terraform/environments/dev.tfvars": "mine",
    "terraform/environments/prod.tfvars": "mine",
    "terraform/lake.tf": "new",
    "terraform/moved.tf": "new",
    "shared/headgate/run.py": "new",
}


def git(at: Path, *words: str) -> str:
    env = {**os.environ, **WHO, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(["git", *words], cwd=at, env=env, capture_output=True, text=True, check=True).stdout


def commit(at: Path, files: dict[str, str | None]) -> None:
    for name, text in files.items():
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_text(text) if text is not None else (at / name).unlink()
    git(at, "add", "--all")
    git(at, "commit", "--quiet", "--message", "x")


def files(at: Path) -> dict[str, str]:
    return {name: (at / name).read_text() for name in git(at, "ls-files").splitlines()}


@pytest.mark.needs("git")
def test_the_merge_keeps_what_is_yours_and_takes_everything_else(tmp_path: Path) -> None:
    product, clone = tmp_path / "product", tmp_path / "clone"
    product.mkdir()
    git(product, "init", "--quiet", "--initial-branch=main")
    commit(product, dict(OLD))
    git(tmp_path, "clone", "--quiet", "--origin=upstream", str(product), str(clone))
    commit(product, NEW)
    git(product, "tag", "v0.2.0")
    commit(clone, MINE)
    [block] = [code for code in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "git merge" in code]
    env = {**os.environ, **WHO, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(["sh", "-c", block], cwd=clone, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr  # of the last command; the merge itself reports conflicts
    assert git(clone, "diff", "--name-only", "--diff-filter=U") == ""
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "v0.2.0")
    assert files(clone) == AFTER
    assert "v0.2.0" in git(clone, "tag", "--merged", "HEAD")
