"""A test whose program is missing is skipped and counted; on CI it fails."""

from __future__ import annotations

import pytest

from needs import ROOT

ABSENT = "a-program-that-nobody-has"


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Two tests that need an absent program, and one that needs a present one."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("HEADGATE_WITHOUT", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    pytester.makeini("[pytest]\nmarkers = needs(*names): what a test needs")
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.needs("sh")
        def test_present(): pass

        @pytest.mark.needs("sh", "{ABSENT}")
        def test_absent(): assert False, "must not run"

        @pytest.mark.needs("{ABSENT}")
        def test_absent_too(): assert False, "must not run"
        """
    )
    return pytester


def run(suite: pytest.Pytester) -> pytest.RunResult:
    return suite.runpytest_subprocess("-p", "needs", "-p", "no:cacheprovider")


def test_on_a_laptop_a_missing_program_is_skipped_and_counted_by_reason(suite):
    result = run(suite)
    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines([f"*2 x needs {ABSENT}: not on the PATH"])


def test_on_ci_a_missing_program_is_a_failure_that_names_it(suite, monkeypatch):
    monkeypatch.setenv("CI", "true")
    result = run(suite)
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines([f"*needs {ABSENT}: not on the PATH, and on CI nothing may be missing*"])


def test_a_ci_that_lists_missing_programs_skips_only_their_tests(suite, monkeypatch):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("HEADGATE_WITHOUT", f"real data, {ABSENT}")
    run(suite).assert_outcomes(passed=1, skipped=2)
