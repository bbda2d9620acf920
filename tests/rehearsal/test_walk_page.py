"""The page at the end shows every step with what was seen, and markup in it stays text."""

from __future__ import annotations

from pathlib import Path

from rehearsal.walk.page import Report, Stop, write_page
from rehearsal.walk.progress import Progress


def test_the_page_shows_steps_numbers_and_reports(tmp_path: Path) -> None:
    progress = Progress()
    with progress.step("every table as planted", system="Athena", sent="a count <of> each table"):
        pass
    progress.add("rows: tracks 18,479")
    reports = [Report("20260101T000000Z-abc", "reports/20260101T000000Z-abc.html", "published", "tracks")]
    page = write_page(tmp_path, progress.steps, [Stop("Glue", 1234, "runs")], reports, seconds=61.4, memory=3 << 30)
    html = page.read_text(encoding="utf-8")
    for text in ("every table as planted", "rows: tracks 18,479", "a count &lt;of&gt; each table", ">1,234<",
                 'href="reports/20260101T000000Z-abc.html"', "61 s", "3.0 GiB"):  # fmt: skip
        assert text in html
    assert "http://" not in html.replace("http://www.w3.org", "") and "<script" not in html
