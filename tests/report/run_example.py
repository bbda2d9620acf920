"""A run as the tests and a reader's eye need it: every status once, with counts that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from headgate.checks.check import Check, CheckResult
from headgate.contract.model import Contract
from headgate.outcome import Outcome
from headgate.report.facts import RunFacts
from headgate.report.record_model import CostEstimate

RUN = "20260301T061502-4f1c"
ESTIMATE = CostEstimate(
    worker="G.1X",
    workers=2,
    execution="standard",
    seconds=33.61,
    billed_seconds=60.0,
    dpu_seconds=120.0,
    usd=0.014667,
    prices_as_of="2025",
    prices_region="eu-west-3",
)
FACTS = RunFacts(
    run=RUN,
    started=datetime(2026, 3, 1, 6, 15, 2, tzinfo=UTC),
    finished=datetime(2026, 3, 1, 6, 17, 44, 250000, tzinfo=UTC),
    command="headgate run --contracts contracts/music --source staging --lake lake",
    contracts="contracts/music",
    source="staging",
    lake="lake",
    estimates={"tracks": ESTIMATE},
    versions={
        "headgate": "0.1.0",
        "python": "3.11.9",
        "pyspark": "3.5.6",
        "java": "17.0.9",
        "iceberg": "1.10.0",
        "great_expectations": "1.24.1",
    },
)


def check(
    id: str, expect: str, otherwise: Any = "quarantine", scope: Any = "row", reason: str = "", **more: Any
) -> Check:
    column = id.split(".")[0]
    limits = {name: more.pop(name) for name in ("at_most", "mostly") if name in more}
    return Check(id, expect, {"column": column, **more}, otherwise, scope, reason=reason, **limits)


def result(of: Check, unexpected: int = 0, rows: int = 56_712, missing: int | None = 0, **more: Any) -> CheckResult:
    more.setdefault("success", not unexpected)
    return CheckResult(of, element_count=rows, missing_count=missing, unexpected_count=unexpected, **more)


NOT_NULL, BETWEEN = "expect_column_values_to_not_be_null", "expect_column_values_to_be_between"
ROW_COUNT = Check("rows.count", "expect_table_row_count_to_be_between", {"min_value": 1}, "stop", "table")


def published() -> Outcome:
    """tracks: read, deduplicated, some rows quarantined, one file refused."""
    popularity = check(
        "popularity.between", BETWEEN, reason="popularity: not within 0 … 100", min_value=0, max_value=100
    )
    duration = check("duration_ms.between", BETWEEN, "warn", reason="duration_ms: below 1000", min_value=1000)
    return Outcome(
        "tracks",
        "dataset",
        "published",
        read=56_712,
        published=28_356,
        superseded=28_302,
        skipped=40,
        quarantined=14,
        inserted=1_204,
        updated=310,
        unchanged=26_842,
        removed=0,
        rows_before=27_152,
        rows_after=28_356,
        files_refused=1,
        checks=[
            result(
                check("popularity.type", "type", reason="popularity: not a int"), 9, samples=("n/a", "sixty", "66.0")
            ),
            result(check("track_id.not_null", NOT_NULL, reason="track_id: missing"), missing=None),
            result(popularity, 5, missing=12, samples=("101", "-3", "250", "999", "-1")),
            result(duration, 31, samples=("0", "312", "12", "88", "640", "999", "7")),
            CheckResult(ROW_COUNT, True, observed_value=28_356, details={"observed_value": 28_356}),
        ],
        objects={
            "found": 14,
            "read": 13,
            "bytes": 18_403_221,
            "rewritten": 2,
            "gone": 0,
            "refused": [
                {"path": "tracks/2026-02-30.csv", "bytes": 1_204, "reason": "lacks the required column `popularity`"}
            ],
        },
        drift={
            "renamed": {"track_name ← Name": {"files": 2, "first": "tracks/2026-01.csv"}},
            "missing": {"duration_ms": {"files": 1, "first": "tracks/old.csv"}},
        },
        seconds={"list": 0.21, "read": 9.4, "gate": 3.1, "clean": 6.7, "publish": 14.2},
        ledger=f"ledger/tracks/{RUN}.json",
        version="8723643121988123456",
        notes=["2 objects were read under an older contract; `--full` reads them again"],
    )


def closed() -> Outcome:
    """playlist_tracks: too many rows refused, and a check that says stop."""
    reason = (
        "genre: missing (3 rows; `expect_column_values_to_not_be_null` says stop); "
        "4,120 of 32,833 rows refused (12.5%), at most 5.0% may be"
    )
    uri = check(
        "uri.matches", "expect_column_values_to_match_regex", reason="uri: not as `^spotify:`", regex="^spotify:"
    )
    share = check("rank.between", BETWEEN, reason="rank: not within 1 … 500", at_most=0.001, min_value=1, max_value=500)
    bad = tuple(f"http:/open.spotify/track/{n:022d}?si=abcdefabcdef{'0' * n}" for n in range(20))
    rows = 32_833
    return Outcome(
        "playlist_tracks",
        "dataset",
        "closed",
        reason=reason,
        read=rows,
        skipped=0,
        quarantined=4_120,
        checks=[
            result(check("rank.type", "type", reason="rank: not a int"), 40, rows, 0, samples=("first", "2nd", "III")),
            result(
                check("added_at.type", "type", reason="added_at: not a timestamp"), 12, rows, 0, samples=("yesterday",)
            ),
            result(
                check("genre.not_null", NOT_NULL, "stop", reason="genre: missing"), 3, rows, None, samples=(None, None)
            ),
            result(uri, 4_001, rows, 12, samples=bad),
            result(share, 77, rows, samples=("0", "501", "-1", "9999")),
            *[
                result(check(f"column_{n}.not_null", NOT_NULL, reason=f"column_{n}: missing"), 0, rows)
                for n in range(12)
            ],
        ],
        objects={"found": 3, "read": 3, "bytes": 6_120_003, "rewritten": 0, "gone": 0, "refused": []},
        seconds={"list": 0.1, "read": 6.02, "gate": 2.2},
        error={"what": reason, "where": "playlist_tracks", "remedy": "Mend the source or the contract, and run again."},
    )


def closed_by_audit() -> Outcome:
    """albums: every row passed, and then the table as a whole did not."""
    unique = check("album_id.unique", "expect_column_values_to_be_unique", "stop", "table")
    counted = {
        "element_count": 22_919,
        "unexpected_count": 2,
        "unexpected_percent": 2 / 22_919 * 100,
        "partial_unexpected_list": ["5Zx", "5Zx"],
    }
    duplicates = CheckResult(unique, False, 22_919, 0, 2, None, ("5Zx", "5Zx"), counted)
    return replace(
        published(),
        dataset="albums",
        status="closed",
        reason="album_id.unique (2 rows; `expect_column_values_to_be_unique` says stop)",
        read=22_930,
        published=22_919,
        superseded=11,
        skipped=0,
        quarantined=0,
        inserted=0,
        updated=0,
        unchanged=22_919,
        rows_before=22_919,
        rows_after=None,
        files_refused=0,
        checks=[result(check("album_id.not_null", NOT_NULL, reason="album_id: missing"), 0, 22_930), duplicates],
        objects={"found": 1, "read": 1, "bytes": 2_900_100, "rewritten": 1, "gone": 0},
        drift={},
        notes=[],
        ledger=None,
        version=None,
    )


def failed() -> Outcome:
    """features: the machinery did not work."""
    error = {
        "what": "no space is left on the device",
        "where": "lake/_work/20260301T061502-4f1c/features/judged",
        "remedy": "Free some space where the lake lies, and run again; nothing was published.",
    }
    objects = {"found": 1, "read": 1, "bytes": 4_003_112}
    return Outcome(
        "features", "dataset", "failed", error["what"], objects=objects, seconds={"list": 0.1, "read": 4.0}, error=error
    )


def unchanged() -> Outcome:
    """artists: nothing new."""
    none = dict.fromkeys(
        ("read", "published", "superseded", "skipped", "quarantined", "inserted", "updated", "unchanged"), 0
    )
    return Outcome(
        "artists",
        "dataset",
        "unchanged",
        "no new or changed object",
        **none,
        removed=0,
        rows_before=10_692,
        rows_after=10_692,
        objects={"found": 2, "read": 0, "bytes": 0, "rewritten": 0, "gone": 0},
        seconds={"list": 0.08},
        ledger="ledger/artists/20260228T061500-0b7e.json",
        version="55123643121988123456",
    )


def mart() -> Outcome:
    """track_catalogue: a mart, rebuilt whole."""
    energy = check("energy.between", BETWEEN, "warn", reason="energy: not within 0 … 1", min_value=0, max_value=1)
    return Outcome(
        "track_catalogue",
        "mart",
        "published",
        read=28_356,
        published=28_356,
        superseded=0,
        skipped=0,
        quarantined=0,
        inserted=28_356,
        updated=0,
        unchanged=0,
        removed=27_152,
        rows_before=27_152,
        rows_after=28_356,
        checks=[
            result(check("track_id.unique", "expect_column_values_to_be_unique", "stop", "table"), 0, 28_356),
            result(energy, 0, 28_356),
        ],
        objects={"sources": {"tracks": "8723643121988123456", "artists": "55123643121988123456"}},
        seconds={"build": 5.1, "publish": 4.4},
        version="99123643121988123456",
    )


def skipped() -> Outcome:
    """features_and_popularity: a mart whose source failed."""
    return Outcome("features_and_popularity", "mart", "skipped", "`features` failed in this run")


def outcomes() -> Sequence[Outcome]:
    """All of them, in the order of a run."""
    return [unchanged(), closed_by_audit(), published(), failed(), closed(), mart(), skipped()]


def contracts() -> Mapping[str, Contract]:
    """Contracts of some of them: a page does without as well."""

    def contract(name: str, description: str) -> Contract:
        columns = [{"name": "track_id", "type": "string"}]
        return Contract.model_validate(
            {
                "dataset": name,
                "domain": "music",
                "owner": "music-data@example.org",
                "description": description,
                "columns": columns,
            }
        )

    descriptions = {
        "tracks": "One row per track; the newest delivery of a track wins.",
        "playlist_tracks": "One row per track of a playlist.",
        "artists": "One row per artist.",
    }
    return {name: contract(name, description) for name, description in descriptions.items()}
