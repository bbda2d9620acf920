"""Each probe, on an account with one fault: it fails, and reports what it saw."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from verify_account import COLUMNS, Account, parquet_of, result_set, wheelhouse
from verify_crawls import WEEKLY
from verify_names import ARTIFACTS, KEY, REPORTS, WAREHOUSE
from verify_stubs import Refuse

from headgate.verify.probe_dataset import CONTACTS
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.probes import PROBES
from headgate.verify.probes.glue_trust import trust_policy
from headgate.verify.runner import ProbeResult, chosen, verify

Fault = Callable[[Account], Any]


def result_of(lake: ProbedLake, probe: str) -> ProbeResult:
    return next(result for result in verify(lake, chosen([probe])).probes if result.probe == probe)


def require_failure(lake: ProbedLake, probe: str, message: str) -> None:
    result = result_of(lake, probe)
    assert (result.status, result.seen) == ("failed", result.seen)
    assert message in result.seen


def job_runs(**fields: Any) -> Fault:
    """Glue describes every ended run with these fields instead."""
    return lambda account: account.wrong(
        "GetJobRun",
        lambda _, usual: {
            "JobRun": usual["JobRun"] | ({} if usual["JobRun"]["JobRunState"] in ("STARTING", "RUNNING") else fields)
        },
    )


def closed_run(**fields: Any) -> Fault:
    """Glue describes the ended run that was started with arguments with these fields instead."""

    def change(_: Any, usual: Any) -> Any:
        run = usual["JobRun"]
        ended = run["JobRunState"] not in ("STARTING", "RUNNING") and run["Arguments"]
        return {"JobRun": run | (fields if ended else {})}

    return lambda account: account.wrong("GetJobRun", change)


def in_records(**fields: Any) -> Fault:
    """The record of every run has these fields for the dataset instead."""

    def change(params: Any, usual: Any) -> Any:
        if not params["Key"].endswith("run.json"):
            return usual
        record = json.loads(usual["Body"].read())
        record["datasets"].get("verify_probe", {}).update(fields)
        return account_body(json.dumps(record).encode())

    return lambda account: account.wrong("GetObject", change)


def account_body(content: bytes) -> dict[str, Any]:
    import io

    from botocore.response import StreamingBody

    return {"Body": StreamingBody(io.BytesIO(content), len(content))}


def metadata(change: Callable[[list[dict[str, Any]]], None], after: int = 2) -> Fault:
    """Change the metadata files once the table has more than `after` of them."""

    def faulty(account: Account) -> None:
        commit = account._commit

        def changed(*args: Any, **further: Any) -> None:
            commit(*args, **further)
            if len(account.metadata) > after:
                change(account.metadata)
                account.keep_metadata()

        account._commit = changed  # type: ignore[method-assign]

    return faulty


def results(change: Callable[[Account, float, Any], Any]) -> Fault:
    """Change Athena's answers; `change` gets the seconds between the last run's start and the query."""

    def changed(account: Account, params: Any, usual: Any) -> Any:
        asked = account.queries[params["QueryExecutionId"]][1]
        return change(account, (asked - account.runs[-1].started).total_seconds(), usual)

    return lambda account: account.wrong("GetQueryResults", lambda params, usual: changed(account, params, usual))


def shows_while(since: float, until: float) -> Fault:
    """Athena shows the rows of the closed run in queries between these seconds after its start."""
    heavy = result_set([("a", "bigint")] * 3, [[5, 1, 5007]])
    return results(
        lambda account, seconds, usual: heavy if account.runs[-1].arguments and since < seconds < until else usual
    )


def one_more_column(account: Account, _: float, usual: Any) -> Any:
    rows = [[*row.split(","), ""] for row in sorted(account.rows)]
    return result_set([*COLUMNS, ("remark", "varchar")], rows) if len(account.runs) > 1 else usual


def other_rows(account: Account, _: float, usual: Any) -> Any:
    rows = [row.replace("1", "7").split(",") for row in sorted(account.rows)]
    return result_set(COLUMNS, rows) if len(account.runs) > 1 else usual


def heads(ending: str, **fields: Any) -> Fault:
    """Objects with this ending are stored in another way."""

    def change(params: Any, usual: Any) -> Any:
        return {"ContentLength": 1, **fields} if ending in params["Key"] else usual

    return lambda account: account.wrong("HeadObject", change)


def streams(*groups: str) -> Fault:
    """Only these groups have log streams."""

    def change(params: Any, _: Any) -> Any:
        exists = params["logGroupName"] in groups
        return {"logStreams": [{"logStreamName": params["logStreamNamePrefix"]}] if exists else []}

    return lambda account: account.wrong("DescribeLogStreams", change)


def executions(**fields: Any) -> Fault:
    def change(_: Any, usual: Any) -> Any:
        return usual | ({} if usual["status"] == "RUNNING" else fields)

    return lambda account: account.wrong("DescribeExecution", change)


CONSOLE: dict[str, tuple[Fault, str]] = {
    "the run fails": (
        job_runs(JobRunState="FAILED", ErrorMessage="ModuleNotFoundError: pydantic"),
        "the run jr_0 ended FAILED: ModuleNotFoundError: pydantic",
    ),
    "the run is cut": (job_runs(JobRunState="TIMEOUT"), "the run jr_0 ended TIMEOUT"),
    "the run never ends": (
        lambda a: a.wrong("GetJobRun", lambda _, usual: {"JobRun": usual["JobRun"] | {"JobRunState": "RUNNING"}}),
        "the end of the run jr_0 did not come within 1500 seconds",
    ),
    "the start is refused": (lambda a: a.refuse("StartJobRun"), "AWS refused StartJobRun: AccessDenied"),
    "the file cannot be put": (lambda a: a.refuse("PutObject"), "AWS refused PutObject: AccessDenied"),
    "there is no record": (
        lambda a: a.wrong("ListObjectsV2", lambda params, usual: {} if params["Prefix"] == "runs/" else usual),
        "no run record of `verify_probe` since 12:00:07 below s3://river-reports/runs/",
    ),
    "nothing was published": (in_records(status="unchanged", read=0, published=0), "('unchanged', 0, 0, 1)"),
    "nothing was refused": (in_records(quarantined=0), "('published', 4, 3, 0), expected ('published', 4, 3, 1)"),
}


def role(**fields: Any) -> Fault:
    """IAM describes the job's role with these fields instead."""
    return lambda account: account.wrong("GetRole", lambda _, usual: {"Role": usual["Role"] | fields})


def refused() -> Any:
    raise Refuse("AccessDenied")


TRUST: dict[str, tuple[Fault, str]] = {
    "the run fails": (job_runs(JobRunState="FAILED"), "the run jr_0 ended FAILED"),
    "the trust asks for the account in any case": (
        role(
            AssumeRolePolicyDocument=quote(
                json.dumps(trust_policy("111122223333")).replace("StringEqualsIfExists", "StringEquals")
            )
        ),
        "the trust policy of `river-job-verify_probe` is {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', "
        "'Principal': {'Service': 'glue.amazonaws.com'}, 'Action': 'sts:AssumeRole', 'Condition': {'StringEquals': ",
    ),
    "the job has a role of another path": (
        role(Arn="arn:aws:iam::111122223333:role/data/river-job-verify_probe"),
        "the job has the role arn:aws:iam::111122223333:role/river-job-verify_probe, IAM has arn:aws:iam",
    ),
    "the role may not be looked at": (
        lambda a: a.wrong("GetRole", lambda params, usual: refused() if "-job-" in params["RoleName"] else usual),
        "AWS refused GetRole: AccessDenied",
    ),
}

WHEELS: dict[str, tuple[Fault, str]] = {
    "another version was loaded": (
        lambda a: a.versions.update(great_expectations="1.0.0"),
        "great_expectations 1.0.0 was loaded, the release has 1.24.1",
    ),
    "it was not loaded": (lambda a: a.versions.pop("headgate"), "headgate None was loaded, the release has 0.1.0"),
    "the wheelhouse lacks it": (
        lambda a: a.put(ARTIFACTS, "releases/0.1.0/wheelhouse.gluewheels.zip", wheelhouse("headgate-0.1.0")),
        "the release has no wheel of great_expectations",
    ),
    "the log is silent": (
        lambda a: a.logged.clear(),
        "a line of the installer in /river/glue/output or /river/glue/err",
    ),
    "an index was used": (
        lambda a: a.logged.append("Looking in indexes: https://pypi.org/simple"),
        "a package index was used: Looking in indexes: https://pypi.org/simple",
    ),
    "something was downloaded": (
        lambda a: a.logged.append("Downloading https://files.pythonhosted.org/x.whl"),
        "a package index was used: Downloading https",
    ),
    "logs may not be read": (lambda a: a.refuse("FilterLogEvents"), "AWS refused FilterLogEvents: AccessDenied"),
}

KEYS: dict[str, tuple[Fault, str]] = {
    "a group without a key": (
        lambda a: a.wrong("DescribeLogGroups", lambda p, _: {"logGroups": [{"logGroupName": p["logGroupNamePrefix"]}]}),
        f"the log group `/river/glue/output` is encrypted with no key, not with {KEY}",
    ),
    "a missing group": (
        lambda a: a.wrong("DescribeLogGroups", lambda *_: {"logGroups": []}),
        "there is no log group `/river/glue/output`",
    ),
    "no stream of Spark": (
        streams("/river/glue/output"),
        "a log stream of the run in `/river/glue/error` did not come within 180 seconds",
    ),
    "no stream of the job": (streams("/river/glue/error"), "of the run in `/river/glue/output` did not come"),
    "a stream in Glue's own group": (
        streams("/river/glue/output", "/river/glue/error", "/aws-glue/jobs/error"),
        "the run also logs to `/aws-glue/jobs/error`, one of Glue's own groups",
    ),
    "the report under S3's own key": (
        heads("report.html", ServerSideEncryption="AES256"),
        "report.html is encrypted with AES256, not with aws:kms",
    ),
    "the raw file under another key": (
        heads("good.csv", ServerSideEncryption="aws:kms", SSEKMSKeyId="arn:another"),
        "good.csv is encrypted with aws:kms arn:another, not with aws:kms",
    ),
    "data without encryption": (heads("a.parquet"), "is encrypted with nothing, not with aws:kms"),
    "there is no ledger": (
        lambda a: a.wrong(
            "ListObjectsV2", lambda params, usual: {} if params["Prefix"].startswith("ledger/") else usual
        ),
        f"there is no object below s3://{WAREHOUSE}/ledger/verify_probe/",
    ),
    "the key may not be inspected": (lambda a: a.refuse("DescribeKey"), "AWS refused DescribeKey: AccessDenied"),
}


def _branch_stays(metadata: list[dict[str, Any]]) -> None:
    metadata[-1]["refs"] |= {name: ref for name, ref in metadata[-2]["refs"].items() if name != "main"}


def _main_moves(metadata: list[dict[str, Any]]) -> None:
    metadata[-1]["refs"]["main"]["snapshot-id"] = 99


def _nothing_written(metadata: list[dict[str, Any]]) -> None:
    metadata[-1]["metadata-log"] = []


def _other_count(metadata: list[dict[str, Any]]) -> None:
    metadata[1]["snapshots"][-1]["summary"]["total-records"] = "4"


def _grown(metadata: list[dict[str, Any]]) -> None:
    metadata[-1]["last-column-id"] = 4


def _added(metadata: list[dict[str, Any]]) -> None:
    metadata[-1]["schemas"][0]["fields"].append({"name": "remark", "type": "string"})


UNAUDITED: dict[str, tuple[Fault, str]] = {
    "Athena shows them while the branch exists": (shows_while(55, 57), "Athena showed [('5', '1', '5007')] at"),
    "Athena shows nothing to begin with": (
        results(lambda *_: result_set([("a", "bigint")] * 3, [[0, 0, 0]])),
        "before the run Athena shows [('0', '0', '0')], expected ('3', '0', '6')",
    ),
    "Athena shows them afterwards": (
        shows_while(89.5, 999),
        "Athena showed [('5', '1', '5007')] at",
    ),
    "main moved": (metadata(_main_moves), "main moved from snapshot 1 to 99 though the gate closed"),
    "the branch stays": (metadata(_branch_stays), "still exists"),
    "there was no branch": (metadata(_nothing_written), "no rows were written to one"),
    "the branch held other rows": (metadata(_other_count), "the branch held 4 rows, expected 5"),
    "no answer fell between": (
        lambda a: setattr(a, "branch", (50.0, 50.5)),
        "when the branch existed. Run this probe again",
    ),
    "the gate did not close": (
        closed_run(JobRunState="SUCCEEDED", ErrorMessage=""),
        "the run jr_1 ended SUCCEEDED without `GateClosed:`",
    ),
    "it failed for another reason": (
        closed_run(ErrorMessage="OutOfMemoryError"),
        "the run jr_1 ended FAILED without `GateClosed:`: OutOfMemoryError",
    ),
    "the gate closed too early": (
        in_records(reason="2 of 2 rows refused", status="published", quarantined=1, read=4, published=3),
        "the gate closed for another reason than the check of the sum: 2 of 2 rows refused",
    ),
    "Athena cannot answer": (
        lambda a: a.wrong("GetQueryExecution", lambda _, usual: _failed_query(usual)),
        "Athena did not run `SELECT count(*)",
    ),
    "the table is not Iceberg's": (
        lambda a: a.wrong("GetTable", lambda p, _: {"Table": {"Name": p["Name"]}}),
        "the catalog's table `tbl_verify_probe` points at no metadata file of Iceberg",
    ),
}


def _failed_query(usual: Any) -> Any:
    status = usual["QueryExecution"]["Status"] | {"State": "FAILED", "StateChangeReason": "COLUMN_NOT_FOUND"}
    return {"QueryExecution": usual["QueryExecution"] | {"Status": status}}


WIDENED: dict[str, tuple[Fault, str]] = {
    "Athena shows nothing to begin with": (
        results(lambda *_: result_set(COLUMNS, [])),
        "before the run Athena shows 0 rows, expected 3",
    ),
    "Athena shows one more column": (
        results(one_more_column),
        "Athena's columns were probe_id, wave, amount and are probe_id, wave, amount, remark",
    ),
    "Athena shows other rows": (results(other_rows), "Athena shows other rows than before the gate closed"),
    "the table has one more column": (metadata(_added), "the table's columns were"),
    "a column came and went": (metadata(_grown), "the table's columns were"),
    "the gate did not close": (closed_run(JobRunState="SUCCEEDED"), "ended SUCCEEDED without `GateClosed:`"),
    "the file was refused instead": (
        in_records(reason="verify-abc-wide.csv refused: has columns that the contract does not know",
                    status="published", quarantined=1, read=4, published=3),
        "for another reason than the check of the sum: verify-abc-wide.csv refused",
    ),
}  # fmt: skip


def _no_report(account: Account) -> None:
    def change(params: Any, usual: Any) -> Any:
        if "runs/" in params["Key"]:
            raise Refuse("404")
        return usual

    account.wrong("HeadObject", change)


def _known_already(account: Account) -> None:
    account.read.add("staging/verify_probe/verify-abc-arrival.csv")


def _old_report(account: Account) -> None:
    old = account.time.at
    account.wrong(
        "HeadObject", lambda params, usual: usual | ({"LastModified": old} if "latest/" in params["Key"] else {})
    )


ARRIVED: dict[str, tuple[Fault, str]] = {
    "no hint is sent": (
        lambda a: a.wrong("ListExecutions", lambda *_: {"executions": []}),
        ":111122223333:stateMachine:river-verify_probe did not come within 2400 seconds",
    ),
    "the pipeline fails": (
        executions(status="FAILED", cause="verify_probe failed"),
        "the pipeline ended FAILED: verify_probe failed",
    ),
    "the pipeline started no run": (
        lambda a: a.wrong("GetJobRuns", lambda *_: {"JobRuns": []}),
        "the pipeline started no run of `river-refine-verify_probe` since",
    ),
    "the run found nothing new": (
        _known_already,
        "has ('unchanged', 0), expected ('published', 2)",
    ),
    "there is no report": (_no_report, "AWS refused HeadObject: 404"),
    "the latest report is an old one": (
        _old_report,
        "latest/verify_probe/report.html is of 2026-11-21 12:00:07+00:00, older",
    ),
}


def records(dataset: str, **fields: Any) -> Fault:
    """The record of every run of a dataset has these fields for it instead."""

    def change(params: Any, usual: Any) -> Any:
        if not params["Key"].endswith("run.json"):
            return usual
        record = json.loads(usual["Body"].read())
        record["datasets"].get(dataset, {}).update(fields)
        return account_body(json.dumps(record).encode())

    return lambda account: account.wrong("GetObject", change)


def stored(key: str, content: bytes) -> Fault:
    """Objects with this text in their key have another content."""
    return lambda account: account.wrong(
        "GetObject", lambda params, usual: account_body(content) if key in params["Key"] else usual
    )


def rows_of_table(table: str, *rows: list[Any]) -> Fault:
    """Athena shows these rows of a table instead."""

    def change(account: Account, params: Any, usual: Any) -> Any:
        shown = result_set([("a", "varchar")] * len(rows[0]), list(rows))
        return shown if f'"{table}"' in account.queries[params["QueryExecutionId"]][0] else usual

    return lambda account: account.wrong("GetQueryResults", lambda params, usual: change(account, params, usual))


def simulated(role: str, decision: str) -> Fault:
    """IAM's simulation decides otherwise for a role."""

    def change(params: Any, usual: Any) -> Any:
        other = {**usual["EvaluationResults"][0], "EvalDecision": decision}
        return {"EvaluationResults": [other]} if params["PolicySourceArn"].endswith(f"river-{role}") else usual

    return lambda account: account.wrong("SimulatePrincipalPolicy", change)


BUILT: dict[str, tuple[Fault, str]] = {
    "the pipeline fails": (executions(status="FAILED", cause="the mart failed"), "the pipeline ended FAILED: the mart"),
    "the pipeline builds none": (
        lambda a: a.wrong(
            "GetJobRuns", lambda params, usual: usual if "refine" in params["JobName"] else {"JobRuns": []}
        ),
        "the pipeline started no run of `river-build_mart-verify_probe_mart` since",
    ),
    "nothing changed": (
        records("verify_probe_mart", status="unchanged"),
        "has ('unchanged', 2), expected ('published', 2)",
    ),
    "it is of before the arrival": (
        rows_of_table("tbl_verify_probe_mart", ["good", 3, 6]),
        "Athena shows [('good', '3', '6')], expected [('arrival', '2', '9'), ('good', '3', '6')]",
    ),
}

PUBLISHED: dict[str, tuple[Fault, str]] = {
    "the run fails": (job_runs(JobRunState="FAILED", ErrorMessage="no key"), "the run jr_0 ended FAILED: no key"),
    "nothing was refused": (
        records("verify_probe_parquet", quarantined=0),
        "are ('published', 5, 3, 0), expected ('published', 5, 3, 2)",
    ),
    "the table is of another format": (
        lambda a: a.wrong("GetTable", lambda _, usual: stored_as(usual, InputFormat="a.b.OrcInputFormat")),
        "the table's format is a.b.OrcInputFormat, not org.apache.hadoop",
    ),
    "the table still shows the folder of Terraform": (
        lambda a: a.wrong("GetTable", lambda _, usual: stored_as(usual, Location=f"s3://{WAREHOUSE}/x/")),
        f"the table shows s3://{WAREHOUSE}/x/, not s3://{WAREHOUSE}/data-warehouse/verify_probe_parquet/2026",
    ),
    "Athena shows fewer rows": (
        rows_of_table("tbl_verify_probe_parquet", ["masked-1", 1]),
        "Athena shows [('masked-1', '1')], expected [('masked-1', '1'), ('masked-2', '2'), ('masked-3', '3')]",
    ),
}


def stored_as(usual: Any, **storage: Any) -> Any:
    """The catalog's answer with another storage."""
    if "StorageDescriptor" not in usual["Table"]:
        return usual
    return {"Table": usual["Table"] | {"StorageDescriptor": usual["Table"]["StorageDescriptor"] | storage}}


HASH = "0" * 64

HIDDEN: dict[str, tuple[Fault, str]] = {
    "the run has no key": (job_runs(JobRunState="FAILED", ErrorMessage="no key"), "the run jr_0 ended FAILED: no key"),
    "Athena shows a contact": (
        rows_of_table("tbl_verify_probe_parquet", [HASH], [CONTACTS[0]], ["f" * 64]),
        f"Athena shows values of `contact` that are not masked: ['{CONTACTS[0]}']",
    ),
    "a row is missing": (
        rows_of_table("tbl_verify_probe_parquet", [HASH], [HASH]),
        "Athena shows 2 rows, expected 3",
    ),
    "all masks are equal": (
        rows_of_table("tbl_verify_probe_parquet", [HASH], [HASH], [HASH]),
        "equal contacts have different masks, or different contacts the same one",
    ),
    "equal contacts have different masks": (
        rows_of_table("tbl_verify_probe_parquet", ["1" * 64], ["2" * 64], ["3" * 64]),
        "equal contacts have different masks, or different contacts the same one",
    ),
    "the quarantine shows a contact": (
        stored("quarantine/", parquet_of([("not a key", CONTACTS[2]), ("masked-5", "shape")])),
        f"the quarantine of `verify_probe_parquet` shows ['{CONTACTS[2]}']",
    ),
    "the quarantine lacks a row": (
        stored("quarantine/", parquet_of([("not a key", "shape")])),
        "the quarantine has 1 rows, expected 2",
    ),
    "the report shows a contact": (
        stored("counts/", f"<html>{CONTACTS[3]}</html>".encode()),
        f"/report.html shows ['{CONTACTS[3]}']",
    ),
    "analysts may read the key": (
        simulated("analyst", "allowed"),
        "IAM allows ['job-verify_probe_parquet', 'analyst'] to read the key `river/masking/verify_probe`, expected",
    ),
    "another job may read the key": (
        simulated("job-verify_probe", "allowed"),
        "IAM allows ['job-verify_probe_parquet', 'job-verify_probe'] to read the key",
    ),
    "its own job may not": (
        simulated("job-verify_probe_parquet", "implicitDeny"),
        "IAM allows [] to read the key",
    ),
}


def crawls(**fields: Any) -> Fault:
    """Glue describes the last crawl of every crawler that has crawled with these fields."""

    def change(account: Account, params: Any, usual: Any) -> Any:
        if params["Name"] not in account.crawled:
            return usual
        return {"Crawler": usual["Crawler"] | {"LastCrawl": usual["Crawler"]["LastCrawl"] | fields}}

    return lambda account: account.wrong("GetCrawler", lambda params, usual: change(account, params, usual))


def columns(*names: str, kind: str = "string") -> Fault:
    """The crawled tables have these columns."""

    def change(params: Any, usual: Any) -> Any:
        if params["DatabaseName"] != "staging_db" or usual is None:
            return missing_table() if usual is None else usual
        storage = {"Columns": [{"Name": name, "Type": kind} for name in names]}
        return {"Table": usual["Table"] | {"StorageDescriptor": storage}}

    return lambda account: account.wrong("GetTable", change)


def missing_table() -> Any:
    raise Refuse("EntityNotFoundException")


CRAWLED: dict[str, tuple[Fault, str]] = {
    "the crawl fails": (
        crawls(Status="FAILED", ErrorMessage="no right"),
        "the crawler river-staging-weekly ended FAILED: no right",
    ),
    "the crawl never ends": (
        lambda a: a.wrong("StartCrawler", lambda *_: a.crawling.update({WEEKLY: a.time.at + timedelta(days=1)}) or {}),
        "the end of the crawler river-staging-weekly did not come within 900 seconds",
    ),
    "it may not be started": (lambda a: a.refuse("StartCrawler"), "AWS refused StartCrawler: AccessDenied"),
    "the table has other columns": (columns("col0", "col1"), "the columns of `tbl_verify_probe_parquet` are col0,col1"),
    "Athena shows fewer rows": (
        rows_of_table("tbl_verify_probe_parquet", [4]),
        "Athena shows [('4',)] raw rows, expected [('5',)]",
    ),
}

TOLD: dict[str, tuple[Fault, str]] = {
    "nobody is named": (lambda a: a.people.clear(), "nobody is subscribed to river-alerts: name people"),
    "somebody has not confirmed": (
        lambda a: a.people.update({"new@example.org": "PendingConfirmation"}),
        "not confirmed: new@example.org; the link is in a mail",
    ),
    "CloudWatch may not publish": (
        lambda a: a.wrong(
            "DescribeAlarmHistory",
            lambda _, usual: {
                "AlarmHistoryItems": [
                    item | {"HistorySummary": "Failed to execute action"} for item in usual["AlarmHistoryItems"]
                ]
            },
        ),
        "CloudWatch says: Failed to execute action",
    ),
    "nothing is published": (
        lambda a: a.wrong("DescribeAlarmHistory", lambda *_: {"AlarmHistoryItems": []}),
        "the alarm's action did not come within 180 seconds",
    ),
    "SNS counts nothing": (
        lambda a: a.wrong("GetMetricData", lambda *_: {"MetricDataResults": []}),
        "2 deliveries by river-alerts did not come within 900 seconds",
    ),
    "SNS cannot deliver": (
        lambda a: setattr(a, "undelivered", 1),
        "SNS could not deliver 1 of 2 messages of river-alerts",
    ),
    "the alarm publishes to nobody": (
        lambda a: a.wrong(
            "DescribeAlarms",
            lambda _, usual: {"MetricAlarms": [usual["MetricAlarms"][0] | {"AlarmActions": []}]},
        ),
        "the alarm river-refine-gate-closed does not publish to arn:aws:sns:",
    ),
}


def analyst_gets(part: str, answer: Callable[[], Any]) -> Fault:
    """S3 answers an analyst otherwise for keys with this text."""
    return lambda account: account.of_analyst.update(
        GetObject=lambda params: answer() if part in params["Key"] else None
    )


def refuse_analyst(operation: str) -> Fault:
    def refuse(_: Any) -> Any:
        raise Refuse("AccessDeniedException")

    return lambda account: account.of_analyst.update({operation: refuse})


def _missing_key() -> Any:
    raise Refuse("NoSuchKey")


ASKED: dict[str, tuple[Fault, str]] = {
    "analysts may read raw files": (
        analyst_gets("staging/", lambda: account_body(b"x")),
        "an analyst may read a raw file",
    ),
    "analysts may read refused rows": (
        analyst_gets("quarantine/", lambda: account_body(b"x")),
        "an analyst may read refused rows",
    ),
    "analysts may read engineers' results": (
        analyst_gets("engineers/", lambda: account_body(b"x")),
        "an analyst may read the result of an engineer",
    ),
    "analysts may read each other's results": (
        analyst_gets("analysts/", lambda: account_body(b"x")),
        "an analyst may read the result of another analyst",
    ),
    "another error is no refusal": (
        analyst_gets("ledger/", _missing_key),
        "requested the ledger: AWS answers NoSuchKey, not a refusal",
    ),
    "analysts may not list catalogs": (
        refuse_analyst("ListDataCatalogs"),
        "AWS refused ListDataCatalogs: AccessDeniedException",
    ),
    "analysts may not query": (
        refuse_analyst("StartQueryExecution"),
        "AWS refused StartQueryExecution: AccessDeniedException",
    ),
    "IAM does not allow drivers to stream": (
        simulated("analyst", "implicitDeny"),
        "IAM does not allow the analyst athena:GetQueryResultsStream in river",
    ),
}

ORDINARY: dict[str, tuple[Fault, str]] = {
    "the caller is root": (
        lambda a: a.wrong("GetCallerIdentity", lambda _, usual: usual | {"Arn": "arn:aws:iam::111122223333:root"}),
        "the caller is arn:aws:iam::111122223333:root, not a role",
    ),
    "the key refuses": (lambda a: a.refuse("GenerateDataKey"), "AWS refused GenerateDataKey: AccessDenied"),
    "the key opens something else": (
        lambda a: a.wrong("Decrypt", lambda _, usual: usual | {"Plaintext": b"other"}),
        "the key decrypts to something else",
    ),
    "the bucket refuses": (lambda a: a.refuse("PutObject"), "AWS refused PutObject: AccessDenied"),
    "another key": (heads("ordinary.txt", SSEKMSKeyId="arn:another"), "encrypted with arn:another, not with"),
    "another content": (stored("ordinary.txt", b"other"), "the object that was read is not what was put"),
}

DOCUMENT: dict[str, tuple[Fault, str]] = {
    "nothing is flattened": (
        lambda a: setattr(a, "_flatten", lambda key: None),
        "a Parquet file s3://river-staging/staging/verify_probe_documents/verify-abc-1-* did not come within 600",
    ),
    "nothing is crawled": (
        lambda a: a.wrong(
            "GetTable",
            lambda params, usual: missing_table() if params["DatabaseName"] == "staging_db" else usual,
        ),
        "the table `staging_db.tbl_verify_probe_documents` did not come within 7800 seconds",
    ),
    "a column is no text": (columns("probe_id", "_document", kind="bigint"), "the crawled columns are not all texts"),
    "the document is not named": (columns("probe_id"), "the crawled columns are probe_id, without `_document`"),
    "the view shows other rows": (
        rows_of_table("tbl_verify_probe_documents_typed", ["document-1", "", "x"]),
        "the typed view shows [('document-1', '', 'x')], expected [('document-1', '7',",
    ),
    "the second document is not shown": (
        rows_of_table("tbl_verify_probe_documents_typed", ["document-1", 7, "2026-01-02 03:04:05.000"]),
        "the second document's row did not come within 600 seconds",
    ),
}

FAULTS = [
    pytest.param(probe, fault, message, id=f"{probe}: {name}")
    for probe, faults in (
        ("console-run", CONSOLE),
        ("glue-trust", TRUST),
        ("wheels", WHEELS),
        ("keys-and-logs", KEYS),
        ("unaudited-rows", UNAUDITED),
        ("closed-gate-columns", WIDENED),
        ("arrival", ARRIVED),
        ("mart", BUILT),
        ("parquet-table", PUBLISHED),
        ("masking", HIDDEN),
        ("crawler", CRAWLED),
        ("alarm", TOLD),
        ("analyst", ASKED),
        ("ordinary-role", ORDINARY),
        ("document", DOCUMENT),
    )
    for name, (fault, message) in faults.items()
]


@pytest.mark.parametrize(("probe", "fault", "message"), FAULTS)
def test_a_probe_fails_and_reports_what_it_saw(
    account: Account, lake: ProbedLake, probe: str, fault: Fault, message: str
) -> None:
    fault(account)
    require_failure(lake, probe, message)


@pytest.mark.parametrize("probe", PROBES)
def test_the_same_probe_passes_without_the_fault(lake: ProbedLake, probe: str) -> None:
    assert result_of(lake, probe).status == "passed"


def test_an_analyst_whose_trust_does_not_name_the_verifier_is_not_asked(account: Account, lake: ProbedLake) -> None:
    account.refuse("AssumeRole")
    result = result_of(lake, "analyst")
    assert result.status == "skipped"
    assert "may not take the role river-analyst: add it to `analyst` in `trusted_principals`" in result.seen


def test_an_alarm_that_is_on_is_left_alone(account: Account, lake: ProbedLake) -> None:
    account.states.append(("ALARM", account.time.at))
    assert result_of(lake, "alarm").status == "skipped"
    assert len(account.states) == 2


def test_every_probe_is_tested_with_faults() -> None:
    assert {param.values[0] for param in FAULTS} == set(PROBES)


def test_without_no_index_the_wheels_probe_fails(account: Account, lake: ProbedLake) -> None:
    option = "--python-modules-installer-option"
    object.__setattr__(lake.job, "arguments", {k: v for k, v in lake.job.arguments.items() if k != option})
    require_failure(lake, "wheels", "the job has `--python-modules-installer-option `, not `--no-index`")


def test_the_branch_is_found_by_the_run_id_that_the_probe_has_passed(account: Account, lake: ProbedLake) -> None:
    seen = result_of(lake, "unaudited-rows").seen
    given = dict(account.runs[1].arguments or {})["--run_id"]
    assert f"`run_{given.replace('-', '_').lower()}` held 5 rows for 30.0 s" in seen
    assert "Athena showed 3 in 61 answers, 29 of them in that time" in seen


def test_records_are_read_from_the_bucket_in_the_arguments_of_the_job(account: Account, lake: ProbedLake) -> None:
    result_of(lake, "console-run")
    assert {p["Bucket"] for operation, p in account.asked if operation == "GetObject"} == {ARTIFACTS, REPORTS}
