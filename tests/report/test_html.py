from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from run_example import (
    BETWEEN,
    FACTS,
    check,
    closed,
    closed_by_audit,
    contracts,
    failed,
    mart,
    outcomes,
    published,
    result,
    skipped,
    unchanged,
)

from headgate.outcome import Outcome
from headgate.report.bars import rows_in
from headgate.report.html import page
from headgate.report.record import record
from headgate.report.wording import UNCOUNTED, duration, marked, percent, reasons, sentence, size, value

MINUS = "\u2212"
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>`<b>`'
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Reading(HTMLParser):
    """A page as a browser would take it in: its elements, the text outside of style, what is left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(given: Sequence[Outcome]) -> Reading:
    return Reading(page(record(FACTS, given, contracts())))


def test_the_page_is_whole_and_names_its_run():
    reading = read(outcomes())
    assert reading.open == []
    assert reading.all("html") == [{"lang": "en"}]
    assert [len(reading.all(tag)) for tag in ("header", "main", "footer", "h1", "title")][:4] == [1, 1, 1, 1]
    assert f"Headgate run {FACTS.run}" in reading.text


def test_hostile_values_are_shown_as_text_wherever_they_stand():
    bad = check("a.between", BETWEEN, reason=HOSTILE, min_value=HOSTILE)
    given = replace(
        closed(),
        reason=HOSTILE,
        error={"what": HOSTILE, "where": HOSTILE, "remedy": HOSTILE},
        checks=[result(bad, 1, 10, samples=(HOSTILE, {HOSTILE: [HOSTILE]})), result(replace(bad, id=HOSTILE), 0, 10)],
        objects={"refused": [{"path": HOSTILE, "bytes": 1, "reason": HOSTILE}], "planned": [HOSTILE], HOSTILE: HOSTILE},
        drift={HOSTILE: {HOSTILE: {"files": 1, "first": HOSTILE}}, "odd": HOSTILE},
        notes=[HOSTILE],
        seconds={HOSTILE: 1.0},
        version=HOSTILE,
        ledger=HOSTILE,
    )
    run = replace(FACTS, command=HOSTILE, source=HOSTILE, versions={HOSTILE: HOSTILE}, error={"what": HOSTILE})
    statuses = [given, replace(given, dataset="b", status="failed"), replace(given, dataset="c", status="published")]
    reading = Reading(page(record(run, statuses)))
    assert not [tag for tag, _ in reading.elements if tag in ("script", "img")]
    assert not [name for _, attributes in reading.elements for name in attributes if name.startswith("on")]
    assert reading.text.count('<script>alert("x")</script>') > 30


def test_the_page_loads_nothing_and_runs_no_script():
    text = page(record(FACTS, outcomes(), contracts()))
    assert re.findall(r"https?://", text) == []
    assert re.findall(r"@import|url\((?!#)", text) == []
    reading = Reading(text)
    assert not [tag for tag, _ in reading.elements if tag in ("script", "iframe", "object", "img")]
    assert {link["href"] for link in reading.all("link")} == {"data:,"}
    targets = {link["href"] for link in reading.all("a")}
    assert {target for target in targets if not str(target).startswith("#")} == {
        "run.json", "tracks.gx.json", "albums.gx.json", "playlist_tracks.gx.json", "track_catalogue.gx.json"
    }  # fmt: skip


def test_every_link_and_label_inside_the_page_has_its_one_target():
    reading = read(outcomes())
    ids = [attributes["id"] for _, attributes in reading.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    addresses = [str(element["href"]) for element in reading.all("a") + reading.all("use")]
    links = [address[1:] for address in addresses if address.startswith("#")]
    labels = [label for _, given in reading.elements for label in (given.get("aria-labelledby") or "").split()]
    assert set(links) | set(labels) <= set(ids)


def test_headings_go_down_one_level_at_a_time():
    levels = [int(tag[1]) for tag, _ in read(outcomes()).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_table_header_says_what_it_heads():
    assert {header.get("scope") for header in read(outcomes()).all("th")} == {"row", "col"}


def test_the_rows_are_shown_as_an_equation():
    text = read([published()]).text
    assert "56,712 read = 28,356 published + 28,302 superseded + 40 skipped + 14 quarantined" in text
    assert f"28,356 rows after = 27,152 rows before + 1,204 inserted {MINUS} 0 removed" in text
    assert "28,356 published = 1,204 inserted + 310 updated + 26,842 unchanged" in text
    assert "not add up" not in text


@pytest.mark.parametrize("status", ["published", "failed"])
def test_an_equation_that_does_not_hold_is_shown_as_such(status: str):
    text = read([replace(published(), superseded=28_301, status=status)]).text
    assert "The rows do not add up." in text
    assert "Does not add up: 56,712 on the left, 56,711 on the right." in text
    assert "1 unaccounted for" in text


def test_an_uneven_table_is_shown_even_where_no_row_was_read():
    text = read([replace(unchanged(), rows_after=10_691)]).text
    assert "Does not add up: 10,691 on the left, 10,692 on the right." in text


def test_the_parts_of_the_bar_fill_it_and_none_is_too_small_to_see():
    bar = rows_in(record(FACTS, [published()])["datasets"]["tracks"])
    assert bar is not None
    assert sum(part.width for part in bar.drawn) == pytest.approx(100, abs=0.01)
    assert sum(part.amount for part in bar.segments) == 56_712
    assert min(part.width for part in bar.drawn) > 0.5
    assert bar.drawn[-1].label == "quarantined"


def test_a_closed_gate_says_why_what_readers_see_and_what_to_do():
    text = read([closed()]).text
    assert "Gate closed" in text
    assert "4,120 of 32,833 rows refused (12.5%), at most 5.0% may be" in text
    assert "The previous data, as it was before this run" in text
    assert "headgate quarantine playlist_tracks" in text
    assert "32,833 read = 28,713 passed the gate, not published + 0 skipped + 4,120 quarantined" in text


def test_a_gate_closed_by_the_audit_does_not_claim_rows_were_published():
    text = read([closed_by_audit()]).text
    assert "The previous data, 22,919 rows, as it was before this run" in text
    assert "22,930 read = 22,919 passed the gate, not published + 11 superseded" in text
    assert "22,919 published" not in text
    assert "headgate quarantine" not in text  # no row was refused


def test_a_failed_run_says_what_where_and_what_next():
    text = read([failed()]).text
    assert "no space is left on the device" in text
    assert "lake/_work/20260301T061502-4f1c/features/judged" in text
    assert "Free some space where the lake lies" in text


def test_what_needs_a_person_stands_first_and_the_table_keeps_the_order_of_the_run():
    reading = read(outcomes())
    sections = [str(section["id"]) for section in reading.all("section")]
    rows = [str(link["href"]) for link in reading.all("a") if str(link["href"]).startswith("#d-")]
    attention = [
        "features",
        "albums",
        "playlist_tracks",
        "features_and_popularity",
        "tracks",
        "track_catalogue",
        "artists",
    ]
    assert sections == ["overview", *(f"d-{name}" for name in attention)]
    assert rows == [f"#d-{outcome.dataset}" for outcome in outcomes()]


def test_a_status_has_words_and_a_shape_of_its_own():
    shapes = {}
    for outcome in (published(), unchanged(), closed(), failed()):
        reading = read([outcome])
        shapes[str(reading.all("use")[0]["href"])] = reading.text
    assert list(shapes) == ["#g-published", "#g-unchanged", "#g-closed", "#g-failed"]
    for words, text in zip(("Published", "Nothing new", "Gate closed", "Run failed"), shapes.values(), strict=True):
        assert f"{words}: Headgate run" in text


def test_a_mart_is_said_to_be_rebuilt_and_a_skipped_one_says_why():
    assert "Rebuilt whole" in read([mart()]).text
    assert "features failed in this run" in read([skipped()]).text


def test_many_samples_and_files_are_folded_away_but_there():
    files = [{"path": f"part-{n}.csv", "bytes": 10, "reason": "is empty"} for n in range(30)]
    reading = read([replace(closed(), objects={"refused": files})])
    assert (
        "6 more" in reading.text
        and "run.json has 20." in reading.text
        and "22 more files" in reading.text
        and "12 checks passed" in reading.text
    )
    assert "part-29.csv" in reading.text


def test_a_value_that_failed_many_times_is_shown_once():
    again = result(check("a.between", BETWEEN), 3, samples=(None, "-1", None, "-1"))
    text = read([replace(published(), checks=[again])]).text
    assert text.count("null") == 1 and text.count("-1") == 1


def test_equal_records_make_equal_pages():
    first, second = (page(record(FACTS, outcomes(), contracts())) for _ in range(2))
    assert first == second


def test_a_page_of_ten_datasets_with_thirty_checks_each_stays_below_200_kb():
    long = tuple(f"spotify:track:{n:022d}" for n in range(20))
    checks = [result(check(f"a_rather_long_column_{n}.between", BETWEEN, min_value=0), 0) for n in range(27)]
    checks += [
        result(check(f"column_{n}.between", BETWEEN, reason=f"column_{n}: below 0"), 9, samples=long) for n in range(3)
    ]
    given = [replace(published(), dataset=f"dataset_{n}", checks=checks) for n in range(10)]
    assert len(page(record(FACTS, given)).encode()) < 200_000


@pytest.mark.parametrize(
    ("given", "shown"),
    [(None, UNCOUNTED), (0, "0 %"), (0.004, "< 0.01 %"), (12.5, "12.5 %"), (99.995, "> 99.99 %"), (100.0, "100 %")],
)
def test_a_percentage_never_rounds_something_to_nothing(given: float | None, shown: str):
    assert percent(given).replace("\u00a0", " ") == shown


def test_sizes_and_durations_are_shown_as_a_person_would():
    assert [size(n) for n in (None, 0, 999, 18_403_221, 999_600)] == [UNCOUNTED, "0 B", "999 B", "18.4 MB", "1 MB"]
    assert [duration(s) for s in (0.08, 4.02, 59.97, 162.25, 7_260)] == [
        "0.08 s",
        "4.0 s",
        "1 min 0 s",
        "2 min 42 s",
        "2 h 1 min",
    ]


def test_a_long_value_is_cut_and_others_than_text_are_json():
    assert value("x" * 100) == "x" * 79 + "…"
    assert [value(content) for content in (None, True, ["a", None])] == ["null", "true", '["a", null]']


def test_reasons_are_parted_where_the_gate_joined_them():
    joined = "a: missing (3 rows; `x` says stop); b: not as `(;` ; ` (1 rows; `y` says stop); no row is left"
    assert reasons("a (1; 2); b") == ["a (1; 2)", "b"]
    assert reasons("`a; (b`; c") == ["`a; (b`", "c"]
    assert "; ".join(reasons(joined)) == joined  # nothing is lost, for any text


def test_backticks_become_code_and_everything_is_escaped():
    assert marked("see `a<b` & c") == "see <code>a&lt;b</code> &amp; c"
    assert marked("one ` alone") == "one ` alone"


def test_the_sentence_counts_how_datasets_ended():
    assert sentence(record(FACTS, [published()])) == "The dataset was published."
    assert sentence(record(FACTS, [])) == "No dataset was started."
    assert (
        sentence(record(FACTS, [published(), mart(), closed()]))
        == "Of 3 datasets 1 was stopped at the gate and 2 were published."
    )


@pytest.mark.parametrize(
    ("host", "texts"),
    [
        ("laptop", ("what the same 33.6 s would cost on the workers", "a laptop's seconds are not Glue's seconds")),
        ("glue", ("All workers are counted as busy: with auto scaling it can be less.",)),
    ],
)
def test_the_cost_of_a_run_is_marked_as_an_estimate(host, texts):
    text = " ".join(page(record(replace(FACTS, host=host), [published()])).split())
    assert "<dt>Cost (estimate)</dt><dd>0.0147 USD</dd>" in text
    assert (
        "<h3>Cost (estimate)</h3> <p><b>0.0147 USD</b> for 120 DPU-seconds: 2 workers of G.1X, 1 min 0 s billed" in text
    )
    assert "because a minute is billed at least" in text
    assert "List prices of eu-west-3 as of 2025: check yours. This is an estimate, not a bill." in text
    assert all(part in text.replace("&#39;", "'") for part in texts)


def test_a_run_without_an_estimate_shows_no_cost():
    assert "Cost (estimate)" not in page(record(replace(FACTS, estimates={}), [published()]))
