"""Faults in Terraform, each in the part of one dataset, so that one apply brings all of them in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """A change in a file of the modules, its dataset, and what the error of a rehearsal must then name."""

    what: str
    dataset: str
    file: str
    before: str
    after: str
    named: tuple[str, ...]
    seconds: float = 480.0  # what has not ended by then will not end


FAULTS = (
    Fault(
        "an argument of a job",
        "artists",
        "jobs/jobs.tf",
        "= local._fixed[each.key]",
        '= each.key == "artists" ? merge(local._fixed[each.key], { "--database" = "elsewhere_db" }) '
        ": local._fixed[each.key]",
        ("rehearsal-artists", "elsewhere_db"),
    ),
    Fault(
        "a path",
        "albums",
        "jobs/jobs.tf",
        "/glue_jobs/${var.contracts[each.key].step}.py",
        '/glue_jobs/${each.key == "albums" ? "refined" : var.contracts[each.key].step}.py',
        ("rehearsal-albums", "glue_jobs/refined.py"),
    ),
    Fault(
        "a permission",
        "features",
        "jobs/roles.tf",
        "= local._policy[each.key]",
        '= each.key == "features" ? replace(local._policy[each.key], "glue:UpdateTable", "glue:GetTable") '
        ": local._policy[each.key]",
        ("rehearsal-job-features: glue:UpdateTable on ", "table/data_warehouse_db/tbl_features"),
    ),
    Fault(
        "a transition",
        "playlist_tracks",
        "pipeline/pipelines.tf",
        "next = concat(",
        'next = i == 0 && dataset == "playlist_tracks" ? "All went well" : concat(',
        ("rehearsal-playlist_tracks did not enter `Build genre_by_year`",),
    ),
    Fault(
        "an arrival's path",
        "tracks",
        "pipeline/arrivals.tf",
        "_by_arrival : dataset => c.prefix }",
        '_by_arrival : dataset => dataset == "tracks" ? "staged/" : c.prefix }',
        ("the rule rehearsal-arrivals (ENABLED) waits for", "rehearsal-arrivals-tracks for staging/staged/"),
        seconds=120.0,  # no execution begins, and a tick comes every ten seconds
    ),
)


def bring_in(terraform: Path) -> None:
    """Change the files below `modules/`. Raises LookupError for a text that does not occur exactly once."""
    for fault in FAULTS:
        file = terraform / "modules" / fault.file
        text = file.read_text(encoding="utf-8")
        if text.count(fault.before) != 1:
            raise LookupError(f"{fault.file} has `{fault.before}` {text.count(fault.before)} times")
        file.write_text(text.replace(fault.before, fault.after), encoding="utf-8")
