from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from run_example import FACTS, RUN, contracts, outcomes, published

import headgate
from headgate.errors import RunFailed
from headgate.lake.paths import log_file
from headgate.lake.storage import LocalStorage, storage
from headgate.report import document
from headgate.report.facts import versions
from headgate.report.log import FileLines, JsonLog, stdout_lines
from headgate.report.write import write_run

DOCS = Path(__file__).parents[2] / "docs"
CLOCK = datetime(2026, 3, 1, 6, 15, 2, 123456, tzinfo=UTC)


def test_a_run_leaves_its_record_its_page_and_a_gx_document_for_each_dataset_that_was_judged(tmp_path: Path):
    address = write_run(LocalStorage(tmp_path), FACTS, outcomes(), contracts())
    assert address == str(tmp_path / "runs" / RUN / "report.html")
    written = {file.name for file in Path(address).parent.iterdir()}
    judged = {f"{name}.gx.json" for name in ("albums", "tracks", "playlist_tracks", "track_catalogue")}
    assert written == {"report.html", "run.json", *judged}
    content = json.loads(Path(address).with_name("run.json").read_text())
    assert content["datasets"]["playlist_tracks"]["contract"]["hash"] == contracts()["playlist_tracks"].hash


def test_the_gx_document_holds_row_and_table_checks_and_says_what_it_leaves_out(tmp_path: Path):
    write_run(LocalStorage(tmp_path), FACTS, [published()], {})
    content = json.loads((tmp_path / "runs" / RUN / "tracks.gx.json").read_text())
    types = {result["expectation_config"]["type"] for result in content["results"]}
    assert types == {
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_between",
        "expect_table_row_count_to_be_between",
    }
    assert content["statistics"]["evaluated_expectations"] == 4
    assert content["meta"]["headgate"]["left_out"]["unexpected_count"] == {"popularity.type": 9}
    assert content["meta"]["run_id"] == {"run_name": RUN, "run_time": "2026-03-01T06:15:02+00:00"}


def test_equal_runs_write_equal_bytes(tmp_path: Path):
    for name in ("a", "b"):
        write_run(LocalStorage(tmp_path / name), FACTS, outcomes(), contracts())
    first, second = ({f.name: f.read_bytes() for f in (tmp_path / n / "runs" / RUN).iterdir()} for n in ("a", "b"))
    assert first == second


def test_a_report_in_a_bucket_has_its_uri_as_address():
    moto, boto3 = pytest.importorskip("moto"), pytest.importorskip("boto3")
    with moto.mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="reports")
        address = write_run(storage("s3://reports/lake"), FACTS, [published()], {})
        assert address == f"s3://reports/lake/runs/{RUN}/report.html"
        assert storage("s3://reports/lake").exists(f"runs/{RUN}/run.json")


def test_a_report_that_cannot_be_written_says_where_and_that_the_data_is_published(tmp_path: Path):
    (tmp_path / "runs").write_text("a file where the folder should be")
    with pytest.raises(RunFailed, match="report cannot be written") as caught:
        write_run(LocalStorage(tmp_path), FACTS, [published()], {})
    assert caught.value.where.endswith(f"runs/{RUN}/run.json")
    assert "stays published" in caught.value.remedy


def test_a_log_line_is_one_json_object_with_time_run_and_step_first():
    lines: list[str] = []
    log = JsonLog(RUN, lines.append, lambda: CLOCK)
    log("judged", dataset="tracks", read=3, at=CLOCK, note="line\nbreak")
    assert lines == [
        f'{{"ts": "2026-03-01T06:15:02.123+00:00", "run": "{RUN}", "step": "judged", "dataset": "tracks", "read": 3, '
        '"at": "2026-03-01T06:15:02.123456+00:00", "note": "line\\nbreak"}'
    ]


def test_a_fact_cannot_take_the_place_of_the_run_or_the_step():
    lines: list[str] = []
    JsonLog(RUN, lines.append)("again", run="other", step="other", ts=0)
    content = json.loads(lines[0])
    assert (content["run"], content["step"]) == (RUN, "again")
    assert datetime.fromisoformat(content["ts"]).tzinfo is not None


def test_lines_of_several_threads_are_appended_whole(tmp_path: Path):
    file = tmp_path / log_file(RUN)
    log = JsonLog(RUN, FileLines(file))
    threads = [threading.Thread(target=lambda n=n: [log("step", n=n, i=i) for i in range(50)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(content) == 200
    assert [each["i"] for each in content if each["n"] == 2] == list(range(50))


def test_a_log_that_cannot_be_written_is_said_once_and_ends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "runs").write_text("a file where the folder should be")
    log = JsonLog(RUN, FileLines(tmp_path / log_file(RUN)))
    log("read")
    log("gate")
    error = capsys.readouterr().err
    assert error.count("cannot be written") == 1 and str(tmp_path / log_file(RUN)) in error


def test_on_standard_output_each_line_stands_alone(capsys: pytest.CaptureFixture[str]):
    log = JsonLog(RUN, stdout_lines)
    log("read")
    log("gate")
    assert [json.loads(line)["step"] for line in capsys.readouterr().out.splitlines()] == ["read", "gate"]


def test_versions_name_what_is_there_without_a_session():
    used = versions()
    assert used["python"].startswith("3.") and used["pyspark"].startswith("3.5")
    assert "java" not in used and "" not in used.values()


def test_versions_of_a_session_name_java_and_iceberg(spark):
    used = versions(spark)
    assert used["java"].startswith("17.")
    assert used["iceberg"] == "1.10.0"


@pytest.mark.parametrize(
    ("file", "made"), [("RUN_RECORD.md", document.document), ("run.schema.json", document.json_schema)]
)
def test_the_description_of_the_record_is_fresh(file: str, made):
    assert (DOCS / file).read_text(encoding="utf-8") == made(), f"docs/{file} is stale: see headgate/report/document.py"


def test_the_description_names_every_step_that_a_run_logs_and_no_other():
    library = Path(headgate.__file__).parent
    logged = {
        step
        for file in library.rglob("*.py")
        for step in re.findall(r"\b(?:log|timed)\(\s*\"(\w+)\"", file.read_text(encoding="utf-8"))
    }
    assert set(document.STEPS) == logged


def test_the_description_names_every_key_with_a_meaning():
    rows = [line for line in document.document().splitlines() if line.startswith("| `")]
    schema = json.loads(document.json_schema())
    keys = {key for part in [schema, *schema["$defs"].values()] for key in part.get("properties", {})}
    assert keys <= {row.split("`")[1] for row in rows}
    assert not [row for row in rows if row.endswith("|  |")]
