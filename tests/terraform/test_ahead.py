"""A pull request is planned before its release exists: the workflow writes a file that overrides that check."""

from __future__ import annotations

import re

import pytest
from mocked_plan import Plan, Refused, Workspace

from needs import ROOT

pytestmark = pytest.mark.needs("terraform")

ACTION = (ROOT / ".github/actions/plan/action.yml").read_text(encoding="utf-8")


def test_a_release_that_the_merge_will_make_is_planned_as_if_it_existed(
    workspace: Workspace, settings: dict[str, object], lake: Plan
) -> None:
    with pytest.raises(Refused, match="is not complete"):
        workspace.plan(**settings, files={"keys": []})
    written = re.search(r"printf '(.+)' > terraform/(\w+\.tf)", ACTION)
    assert written
    override = workspace.at / written[2]
    override.write_text(written[1].replace("\\n", "\n"))
    try:
        plan = workspace.plan(**settings, files={"keys": []})
    finally:
        override.unlink()
    assert set(plan.values) == set(lake.values)
