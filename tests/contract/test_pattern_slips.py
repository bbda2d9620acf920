"""Patterns that Spark reads and nobody means are refused, with the pattern that is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.contract.pattern_slips import slip
from headgate.contract.patterns import alternatives, parts, spelled

GOOD = {
    "date": ("yyyy-MM-dd", "d/M/yyyy", "dd MMM yyyy", "d 'de' MMMM yyyy", "yyyy", "yyyy-MM", "yyyyMMdd", "yyyy-DDD",
             "dd-MMM-yy", "[yyyy-MM-dd][dd/MM/yyyy]", "yyyy[-MM[-dd]]", "yyyy-MM-dd HH:mm"),
    "timestamp": ("yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS][XXX]", "yyyyMMddHHmmss", "yyyyMMddHH",
                  "MM/dd/yyyy h:mm:ss a", "HH:mm dd.MM.yyyy", "yyyy-MM-dd HH:mm VV", "yyyy-MM-dd", "epoch_millis",
                  "HH 'o''clock' dd.MM.yyyy", "yyyy-MM-dd'T'HH:mm:ss,SSSX"),
    "timestamp_ntz": ("yyyy-MM-dd HH:mm[:ss[.SSS]]", "epoch_seconds"),
    "time": ("HH:mm", "HH:mm[:ss[.SSS]]", "h:mm a", "HHmm", "H'h'mm"),
}  # fmt: skip

MEANT = {
    # months, days, years
    "yyyy-mm-dd": "yyyy-MM-dd", "dd/mm/yyyy": "dd/MM/yyyy", "mm/dd/yyyy": "MM/dd/yyyy", "yyyymmdd": "yyyyMMdd",
    "yyyy-mm": "yyyy-MM", "d-mmm-yyyy": "d-MMM-yyyy", "yyyy-MM-DD": "yyyy-MM-dd", "D/M/yyyy": "d/M/yyyy",
    "YYYY-MM-dd": "yyyy-MM-dd", "DD.MM.YYYY": "dd.MM.yyyy", "y-MM-dd": "yyyy-MM-dd", "uuuu-MM-dd": "yyyy-MM-dd",
    # the time of day
    "yyyy-MM-dd HH:MM": "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:MM:ss": "yyyy-MM-dd HH:mm:ss",
    "yyyyMMddHHMM": "yyyyMMddHHmm", "HH:MM dd/mm/yyyy": "HH:mm dd/MM/yyyy", "yyyy-MM-dd[ HH:MM]": "yyyy-MM-dd[ HH:mm]",
    "yyyy-MM-dd hh:mm": "yyyy-MM-dd HH:mm", "yyyy-MM-dd KK:mm": "yyyy-MM-dd HH:mm",
    "yyyy-MM-dd HH:mm a": "yyyy-MM-dd hh:mm a", "yyyy-MM-dd HH:mm:SS": "yyyy-MM-dd HH:mm:ss",
    "yyyy-MM-dd HH:mm:ss.sss": "yyyy-MM-dd HH:mm:ss.SSS", "yyyy-mm-dd HH:MM:SS": "yyyy-MM-dd HH:mm:ss",
    "yyyy-MM-ddTHH:mm:ss": "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd ": "yyyy-MM-dd",
    # the letters of other languages
    "%Y-%m-%d": "yyyy-MM-dd", "%d/%m/%Y %H:%M:%S": "dd/MM/yyyy HH:mm:ss", "%Y-%m-%dT%H:%M": "yyyy-MM-dd'T'HH:mm",
    "DD-MON-YYYY HH24:MI:SS": "dd-MMM-yyyy HH:mm:ss", "MM/DD/YYYY hh:mm A": "MM/dd/yyyy hh:mm a",
    "yyyy/MM/dd hh:mm tt": "yyyy/MM/dd hh:mm a", "yyyy-MM-dd HH:mm:ss.fff": "yyyy-MM-dd HH:mm:ss.SSS",
    "epoch_milis": "epoch_millis",
}  # fmt: skip

REFUSED = {
    "dd-MM": "has no year", "MM-dd HH:mm": "has no year", "[yyyy-]MM-dd": "has no year", "yyyy-dd": "has no month",
    "yyyy-MM HH:mm": "has no day", "yyyy-MM-dd mm:ss": "has no hour", "yyyy-MM-dd HH:ss": "has no minute",
    "HH:mm": "reads no date", "dd.MM.yyyy dd": "reads the day twice", "yyyy-MM-dd HH:ss:mm": "an odd order",
    "EEE, dd MMM yyyy": "is a weekday", "yyyy-'W'ww": "is not a field", "Q yyyy": "is not a field",
    "iso8601": "is not a field", "yyyy-MM-dd HHH": "is not a field", "yyyy-MM-dd'T": "a quote is not closed",
    "yyyy-MM-dd[ HH:mm": "a bracket has no other half", "yyyy-MM-dd]": "a bracket has no other half",
    "yyyy-MM-dd{": "is reserved", "": "is empty", "yyyy-MM-dd [HH:mm]": "begins or ends with a space",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "pattern"), [(kind, each) for kind, all_ in GOOD.items() for each in all_])
def test_a_pattern_that_means_what_it_says_is_good(kind: str, pattern: str) -> None:
    assert slip(pattern, kind) is None


@pytest.mark.parametrize(("pattern", "meant"), MEANT.items())
def test_a_slip_is_refused_with_the_pattern_that_is_meant(pattern: str, meant: str) -> None:
    found = slip(pattern, "timestamp_ntz")
    assert found is not None
    assert found[1] == f"Write `{meant}`."
    assert slip(meant, "timestamp_ntz") is None


@pytest.mark.parametrize(("pattern", "why"), REFUSED.items())
def test_a_pattern_with_a_gap_is_refused_with_what_is_missing(pattern: str, why: str) -> None:
    found = slip(pattern, "timestamp_ntz")
    assert found is not None
    assert why in found[0]
    assert found[1].endswith(".")


@pytest.mark.parametrize(
    ("kind", "pattern", "why"),
    [
        ("date", "yyyy-MM-dd HH:mmXXX", "reads a zone, and a date has none"),
        ("timestamp_ntz", "yyyy-MM-dd HH:mmXXX", "`timestamp_ntz` would drop it"),
        ("time", "yyyy-MM-dd HH:mm", "reads a date"),
        ("time", "HH:mmXXX", "reads a zone"),
        ("time", "mm:ss", "has no hour"),
    ],
)
def test_what_a_pattern_reads_must_be_what_the_type_holds(kind: str, pattern: str, why: str) -> None:
    found = slip(pattern, kind)
    assert found is not None
    assert why in found[0]


def test_optional_sections_are_alternatives_and_only_one_of_several_that_are_everything() -> None:
    assert alternatives("yyyy[-MM[-dd]]") == ("yyyy-MM-dd", "yyyy-MM", "yyyy")
    assert alternatives("HH:mm[:ss][XXX]") == ("HH:mm:ssXXX", "HH:mm:ss", "HH:mmXXX", "HH:mm")
    assert alternatives("[yyyy-MM-dd][dd/MM/yyyy]") == ("yyyy-MM-dd", "dd/MM/yyyy")
    assert alternatives("yyyy'[T]'") == ("yyyy'[T]'",)


@given(st.text(alphabet="yMdHhmsSaXDYTEQz'[]{}-/: .%_", max_size=24), st.sampled_from(sorted(GOOD)))
def test_any_text_is_good_or_refused_with_a_remedy(pattern: str, kind: str) -> None:
    found = slip(pattern, kind)
    if found is None:
        assert "_" in pattern or spelled(parts(pattern)) == pattern
    else:
        assert all(words.strip() for words in found)
