"""A fake account for the probes: buckets, a queue, one job, its table, a pipeline.

It behaves as it should, unless a test changes the answer of an operation (`wrong`).
"""

from __future__ import annotations

import hmac
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
from botocore.response import StreamingBody
from verify_alarms import Alarms
from verify_analyst import ROLE_ID, Analyst
from verify_crawls import Crawls
from verify_names import ARTIFACTS, KEY, LAKE, NUMBER, REGION, REPORTS, RESULTS, STAGING, WAREHOUSE
from verify_stubs import Refuse, StubbedSession, Time

from headgate.verify.probe_dataset import CHECK, DATASET, DATASETS, DOCUMENTS, MART, MASKED, PARQUET, contract_text
from headgate.verify.probes.glue_trust import trust_policy
from headgate.verify.probes.parquet_table import FORMAT

EMPTY: dict[str, Any] = {
    "Parameters": {"classification": "parquet"},
    "Location": f"s3://{WAREHOUSE}/data-warehouse/{PARQUET}/",
}
ARGUMENTS = {
    "--source": f"s3://{STAGING}/staging",
    "--lake": f"s3://{WAREHOUSE}",
    "--reports": f"s3://{REPORTS}",
    "--project": f"s3://{ARTIFACTS}/releases/0.1.0",
    "--database": "db",
    "--prefix": "tbl_",
    "--custom-logGroup-prefix": "/river/glue",
    "--additional-python-modules": f"s3://{ARTIFACTS}/releases/0.1.0/wheelhouse.gluewheels.zip",
    "--python-modules-installer-option": "--no-index",
}
COLUMNS = [("probe_id", "varchar"), ("wave", "varchar"), ("amount", "bigint")]
WINDOW = 300  # seconds between two polls of the queue


@dataclass
class Run:
    """A run of the job: active from 30 to 90 seconds after its start; its branch exists from 50 to 80."""

    id: str
    started: datetime
    arguments: Mapping[str, str] | None
    name: str
    dataset: str = DATASET
    state: str = "RUNNING"
    error: str = ""
    reads: list[str] = field(default_factory=list)

    def at(self, seconds: float) -> datetime:
        return self.started + timedelta(seconds=seconds)


class Account(Crawls, Alarms):
    """The state of the account, and the answer of each operation."""

    def __init__(self) -> None:
        Crawls.__init__(self)
        Alarms.__init__(self)
        self.time = Time(datetime(2026, 11, 21, 12, 0, 7, tzinfo=UTC))
        self.time.tick = self._second
        self.objects: dict[tuple[str, str], tuple[bytes, datetime]] = {}
        self.hints: list[str] = []
        self.runs: list[Run] = []
        self.executions: list[dict[str, Any]] = []
        self.queries: dict[str, tuple[str, datetime]] = {}
        self.metadata: list[dict[str, Any]] = []
        self.rows: list[str] = []  # the published rows, as lines of CSV
        self.read: set[str] = set()
        self.groups: dict[str, str] = {}  # the workgroup of each query
        self.results: dict[str, str] = {}  # the address of each query's result
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.analyst_calls: list[tuple[str, str, Mapping[str, Any], bool, str]] = []
        self.of_analyst: dict[str, Callable[[Mapping[str, Any]], Any]] = {}  # other answers to analysts
        self.versions = {"headgate": "0.1.0", "great_expectations": "1.24.1"}
        self.branch = (50.0, 80.0)
        self.logged = ["Looking in links: /tmp/wheels", "Successfully installed great_expectations-1.24.1"]
        self._wrong: dict[str, Callable[[Mapping[str, Any], Any], Any]] = {}
        self.marts: list[tuple[str, int, int]] = []  # the rows of the mart
        self.masked: list[tuple[str, str, int]] = []  # the rows of the Parquet table
        self.parquet = dict(EMPTY)  # the catalog's Parquet table, which Terraform has created
        for dataset in DATASETS:
            key = f"releases/0.1.0/contracts/verify/{dataset}.yaml"
            self.put(ARTIFACTS, key, contract_text(dataset).encode())
        self.put(
            ARTIFACTS,
            "releases/0.1.0/wheelhouse.gluewheels.zip",
            wheelhouse("great_expectations-1.24.1", "headgate-0.1.0"),
        )
        for dataset in (DATASET, PARQUET, DOCUMENTS):
            self.put(STAGING, f"staging/{dataset}/", b"")  # the folder, which is Terraform's

    def wrong(self, operation: str, change: Callable[[Mapping[str, Any], Any], Any]) -> None:
        """From now on an operation answers `change(parameters, usual answer)`."""
        self._wrong[operation] = change

    def refuse(self, operation: str, code: str = "AccessDenied") -> None:
        """From now on an operation is refused."""
        self._wrong[operation] = lambda params, usual: _raise(Refuse(code))

    def answer(self, operation: str, params: Mapping[str, Any], _service: str = "") -> Mapping[str, Any]:
        """Return the account's answer to an operation of the verifier."""
        self.asked.append((operation, dict(params)))
        change = self._wrong.get(operation)
        if change is None:
            return getattr(self, operation)(**params)
        usual: Any = None
        try:
            usual = getattr(self, operation)(**params)
        except Refuse:
            usual = None
        return change(params, usual)

    def put(self, bucket: str, key: str, content: bytes) -> None:
        self.objects[bucket, key] = (content, self.time.at.replace(microsecond=0))

    def keys(self, bucket: str) -> list[str]:
        return sorted(key for owner, key in self.objects if owner == bucket)

    # --- S3

    def PutObject(self, Bucket: str, Key: str, Body: bytes) -> dict[str, Any]:
        self.put(Bucket, Key, Body)
        if Bucket == STAGING and Key.startswith("staging/"):
            self.hints.append(Key)
        return {}

    def GetObject(self, Bucket: str, Key: str, Range: str = "") -> dict[str, Any]:
        content, modified = self._object(Bucket, Key, "NoSuchKey")
        if Range:
            start, _, stop = Range.removeprefix("bytes=").partition("-")
            content = content[int(start) : int(stop) + 1]
        return {"Body": StreamingBody(io.BytesIO(content), len(content)), "LastModified": modified}

    def HeadObject(self, Bucket: str, Key: str) -> dict[str, Any]:
        content, modified = self._object(Bucket, Key, "404")
        encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY}
        return {"ContentLength": len(content), "LastModified": modified, **encrypted}

    def ListObjectsV2(self, Bucket: str, Prefix: str, StartAfter: str = "", **_: Any) -> dict[str, Any]:
        keys = [key for key in self.keys(Bucket) if key.startswith(Prefix) and key > StartAfter]
        items = [{"Key": key, "LastModified": self.objects[Bucket, key][1]} for key in keys]
        return {"Contents": items, "KeyCount": len(items), "IsTruncated": False}

    def DeleteObject(self, Bucket: str, Key: str) -> dict[str, Any]:
        self.objects.pop((Bucket, Key), None)
        return {}

    def DeleteObjects(self, Bucket: str, Delete: Mapping[str, Any]) -> dict[str, Any]:
        for item in Delete["Objects"]:
            self.objects.pop((Bucket, item["Key"]), None)
        return {}

    def _object(self, bucket: str, key: str, code: str) -> tuple[bytes, datetime]:
        if (bucket, key) not in self.objects:
            raise Refuse(code)
        return self.objects[bucket, key]

    # --- the queue, the pipeline

    def GetQueueUrl(self, QueueName: str) -> dict[str, Any]:
        queues = {f"river-arrivals-{dataset}" for dataset in DATASETS if dataset != MART}
        assert QueueName in queues | {"river-landed"}
        return {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{NUMBER}/{QueueName}"}

    def ReceiveMessage(self, QueueUrl: str, **_: Any) -> dict[str, Any]:
        name = QueueUrl.rpartition("/")[2]
        keys = self.landed if name == "river-landed" else self._hints_of(name.removeprefix("river-arrivals-"))[:10]
        return {"Messages": [{"Body": json.dumps({"key": key}), "ReceiptHandle": key} for key in keys]}

    def _hints_of(self, dataset: str) -> list[str]:
        return [key for key in self.hints if key.startswith(f"staging/{dataset}/")]

    def DeleteMessage(self, QueueUrl: str, ReceiptHandle: str) -> dict[str, Any]:
        (self.landed if QueueUrl.endswith("-landed") else self.hints).remove(ReceiptHandle)
        return {}

    def ListExecutions(self, stateMachineArn: str, maxResults: int, statusFilter: str = "") -> dict[str, Any]:
        machine = f"arn:aws:states:{REGION}:{NUMBER}:stateMachine:river-verify_probe"
        if stateMachineArn != machine:
            assert stateMachineArn.removeprefix(f"{machine}_") in ("parquet", "documents")
            return {"executions": []}
        executions = [
            {"stateMachineArn": stateMachineArn, **execution}
            for execution in reversed(self.executions)
            if statusFilter in ("", execution["status"])
        ]
        return {"executions": executions}

    def DescribeExecution(self, executionArn: str) -> dict[str, Any]:
        return self._execution(executionArn) | {"stateMachineArn": "m"}

    def StopExecution(self, executionArn: str, **_: Any) -> dict[str, Any]:
        self._execution(executionArn)["status"] = "ABORTED"
        return {"stopDate": self.time.at}

    def _execution(self, arn: str) -> dict[str, Any]:
        return next(execution for execution in self.executions if execution["executionArn"] == arn)

    def _second(self) -> None:
        self.crawl_second()
        for run in [run for run in self.runs if run.state == "RUNNING"]:
            self._continue(run)
        running = next((execution for execution in self.executions if execution["status"] == "RUNNING"), None)
        if running is not None:
            self._pipeline(running)
        elif int(self.time.at.timestamp()) % WINDOW == 0 and self._hints_of(DATASET):
            name = f"e{len(self.executions)}"
            arn = f"arn:aws:states:{REGION}:{NUMBER}:execution:river-{DATASET}:{name}"
            began = {"executionArn": arn, "name": name, "status": "RUNNING", "startDate": self.time.at}
            self.executions.append(began)

    def _pipeline(self, execution: dict[str, Any]) -> None:
        if (self.time.at - execution["startDate"]).total_seconds() == 60:
            self.hints.clear()
            self._begin({"--run_id": "20261121T130000Z-abcdef"})
        last = self.runs[-1] if self.runs and self.runs[-1].started > execution["startDate"] else None
        if last is None or last.state == "RUNNING":
            return
        if last.dataset == DATASET and last.state == "SUCCEEDED":
            self._begin({"--run_id": f"{self.time.at:%Y%m%dT%H%M%SZ}-fedcba"}, MART)
            report = self.objects.get((REPORTS, f"counts/{last.name}/report.html"))
            if report:
                self.put(REPORTS, f"latest/{DATASET}/report.html", report[0])
        else:
            execution["status"] = last.state

    # --- the job

    def GetJob(self, JobName: str) -> dict[str, Any]:
        dataset = dataset_of(JobName)
        job = {"WorkerType": "G.1X", "NumberOfWorkers": 2, "ExecutionClass": "STANDARD", "Timeout": 10}
        masked = {"--masking_keys": f"{LAKE}/masking/"} if dataset == PARQUET else {}
        role = f"arn:aws:iam::{NUMBER}:role/{LAKE}-job-{dataset}"
        return {"Job": {"Name": JobName, "Role": role, "DefaultArguments": ARGUMENTS | masked, **job}}

    def StartJobRun(self, JobName: str, Arguments: Mapping[str, str] | None = None) -> dict[str, Any]:
        return {"JobRunId": self._begin(Arguments, dataset_of(JobName)).id}

    def GetJobRun(self, JobName: str, RunId: str) -> dict[str, Any]:
        return {"JobRun": self._description(next(run for run in self.runs if run.id == RunId))}

    def GetJobRuns(self, JobName: str, MaxResults: int) -> dict[str, Any]:
        runs = [run for run in reversed(self.runs) if run.dataset == dataset_of(JobName)]
        return {"JobRuns": [self._description(run) for run in runs]}

    def BatchStopJobRun(self, JobName: str, JobRunIds: list[str]) -> dict[str, Any]:
        for run in self.runs:
            run.state = "STOPPED" if run.id in JobRunIds else run.state
        return {}

    def _begin(self, arguments: Mapping[str, str] | None, dataset: str = DATASET) -> Run:
        name = (arguments or {}).get("--run_id") or f"{self.time.at + timedelta(seconds=30):%Y%m%dT%H%M%SZ}-cccccc"
        self.runs.append(Run(f"jr_{len(self.runs)}", self.time.at, arguments, name, dataset))
        return self.runs[-1]

    def _description(self, run: Run) -> dict[str, Any]:
        state = "STARTING" if run.state == "RUNNING" and self.time.at < run.at(30) else run.state
        job = f"{LAKE}-{'build_mart' if run.dataset == MART else 'refine'}-{run.dataset}"
        fields = {"Id": run.id, "JobName": job, "JobRunState": state, "StartedOn": run.started, "ExecutionTime": 60}
        return {**fields, "Arguments": dict(run.arguments or {}), "ErrorMessage": run.error}

    def _continue(self, run: Run) -> None:
        if self.time.at < run.at(90):
            return
        if run.dataset != DATASET:
            {MART: self._build, PARQUET: self._publish_masked}[run.dataset](run)
            return self._report(run)
        keys = [k for k in self.keys(STAGING) if k.startswith(f"staging/{DATASET}/verify-") and k not in self.read]
        lines = [line for k in keys for line in self.objects[STAGING, k][0].decode().splitlines()[1:]]
        good = [line for line in lines if not line.startswith("not a key")]
        if any(",5000" in line for line in good):
            self._close(run, good)
        else:
            self.read.update(keys)
            self._publish(run, good, len(lines))
        self._report(run)

    def _report(self, run: Run) -> None:
        for folder in ("runs", "counts"):
            self.put(REPORTS, f"{folder}/{run.name}/report.html", b"<html>")

    def _build(self, run: Run) -> None:
        run.state = "SUCCEEDED"
        rows = [row.split(",") for row in self.rows]
        waves = {wave: [int(row[2]) for row in rows if row[1] == wave] for wave in sorted({row[1] for row in rows})}
        self.marts = [(wave, len(amounts), sum(amounts)) for wave, amounts in waves.items()]
        self.put(WAREHOUSE, f"data-warehouse/{MART}/data/a.parquet", b"x")
        self._record(run, "published", None, len(self.marts), len(self.marts))

    def _publish_masked(self, run: Run) -> None:
        run.state = "SUCCEEDED"
        rows = [line.split(",") for line in MASKED.rows]
        self.masked = [(row[0], mask(row[1]), int(row[2])) for row in rows[: MASKED.kept]]
        folder = f"data-warehouse/{PARQUET}/{run.name}"
        for path in (f"{folder}/a.parquet", f"ledger/{PARQUET}/a.json", f"states/{PARQUET}/{run.name}.json"):
            self.put(WAREHOUSE, path, b"x")
        refused = [("not a key", mask(rows[3][1])), ("masked-5", "aa aaaaaaa aa a aaaaa")]
        self.put(WAREHOUSE, f"quarantine/{PARQUET}/_run={run.name}/a.parquet", parquet_of(refused))
        self.parquet = EMPTY | {
            "Parameters": EMPTY["Parameters"] | {"headgate.ledger": "a"},
            "Location": f"s3://{WAREHOUSE}/{folder}",
        }
        self._record(run, "published", None, len(rows), MASKED.kept)

    def _publish(self, run: Run, good: list[str], read: int) -> None:
        run.state = "SUCCEEDED"
        self.rows += good
        self._commit(self.time.at, {"main": len(self.metadata) + 1})
        for path in ("data-warehouse/{}/data/a.parquet", "ledger/{}/a.json", "quarantine/{}/_run=a/a.parquet"):
            self.put(WAREHOUSE, path.format(DATASET), b"x")
        self._record(run, "published" if good else "unchanged", None, read, len(good))

    def _close(self, run: Run, good: list[str]) -> None:
        run.state, run.error = "FAILED", "GateClosed: verify_probe: the sum"
        main = self.metadata[-1]["refs"]["main"]["snapshot-id"]
        branch = f"run_{run.name.replace('-', '_').lower()}"
        self._commit(run.at(self.branch[0]), {"main": main, branch: 99}, rows=len(self.rows) + len(good))
        self._commit(run.at(self.branch[1]), {"main": main})
        self._record(run, "closed", f"{CHECK}: the sum is 5007", len(good), 0)

    def _record(self, run: Run, status: str, reason: str | None, read: int, published: int) -> None:
        counts = {"status": status, "reason": reason, "read": read, "published": published}
        dataset = counts | {"quarantined": read - published if status == "published" else 0}
        record = {"run_id": run.name, "versions": self.versions, "datasets": {run.dataset: dataset}}
        self.put(REPORTS, f"runs/{run.name}/run.json", json.dumps(record).encode())

    def _commit(self, at: datetime, refs: Mapping[str, int], rows: int | None = None) -> None:
        milliseconds = int(at.timestamp() * 1000)
        fields = [{"name": name, "type": kind} for name, kind in COLUMNS]
        known = {snapshot: len(self.rows) for snapshot in refs.values()} | ({99: rows} if rows else {})
        self.metadata.append(
            {
                "refs": {name: {"snapshot-id": snapshot, "type": "branch"} for name, snapshot in refs.items()},
                "snapshots": [
                    {"snapshot-id": s, "timestamp-ms": milliseconds, "summary": {"total-records": str(count)}}
                    for s, count in known.items()
                ],
                "schemas": [{"schema-id": 0, "fields": fields}],
                "current-schema-id": 0,
                "last-column-id": len(fields),
                "last-updated-ms": milliseconds,
                "metadata-log": [{"metadata-file": address(i)} for i in range(len(self.metadata))],
            }
        )
        self.keep_metadata()

    def keep_metadata(self) -> None:
        """Put every metadata file at the address that the catalog and the later files have."""
        for i, content in enumerate(self.metadata):
            bucket, _, key = address(i).removeprefix("s3://").partition("/")
            self.put(bucket, key, json.dumps(content).encode())

    # --- the catalog, Athena

    def GetTable(self, DatabaseName: str, Name: str) -> dict[str, Any]:
        if DatabaseName == "staging_db":
            return self.raw_table(Name)
        if (DatabaseName, Name) == ("db", f"tbl_{PARQUET}"):
            storage = {"Location": self.parquet["Location"], "InputFormat": FORMAT, "Columns": []}
            table = {"TableType": "EXTERNAL_TABLE", "Parameters": self.parquet["Parameters"]}
            return {"Table": {"Name": Name, "StorageDescriptor": storage, "DatabaseName": DatabaseName, **table}}
        assert (DatabaseName, Name) == ("db", "tbl_verify_probe")
        return {"Table": {"Name": Name, "Parameters": {"metadata_location": address(len(self.metadata) - 1)}}}

    def UpdateTable(self, DatabaseName: str, TableInput: dict[str, Any]) -> dict[str, Any]:
        assert (DatabaseName, TableInput["Name"]) == ("db", f"tbl_{PARQUET}")
        self.parquet = {
            "Parameters": TableInput["Parameters"],
            "Location": TableInput["StorageDescriptor"]["Location"],
        }
        return {}

    def DeleteTable(self, DatabaseName: str, Name: str) -> dict[str, Any]:
        if DatabaseName == "staging_db":
            return self.drop_raw_table(Name)
        tables: dict[tuple[str, str], list[Any]] = {
            ("db", "tbl_verify_probe"): self.metadata,
            ("db", f"tbl_{MART}"): self.marts,
            ("db", f"tbl_{DOCUMENTS}"): [],
        }
        rows = tables[DatabaseName, Name]
        if not rows:
            raise Refuse("EntityNotFoundException")
        rows.clear()
        return {}

    def StartQueryExecution(
        self, QueryString: str, WorkGroup: str, ResultConfiguration: Mapping[str, str] | None = None, **_: Any
    ) -> dict[str, Any]:
        name = f"q{len(self.queries)}"
        assert WorkGroup == (LAKE if ResultConfiguration else f"{LAKE}-engineers")
        folder = (ResultConfiguration or {"OutputLocation": f"s3://{RESULTS}/engineers/"})["OutputLocation"]
        self.queries[name], self.groups[name] = (QueryString, self.time.at), WorkGroup
        self.results[name] = f"{folder}{name}.csv"
        key = self.results[name].removeprefix(f"s3://{RESULTS}/")
        self.put(RESULTS, key, b"x")
        self.put(RESULTS, f"{key}.metadata", b"x")
        return {"QueryExecutionId": name}

    def GetWorkGroup(self, WorkGroup: str) -> dict[str, Any]:
        result = {"OutputLocation": f"s3://{RESULTS}/engineers/"}
        return {"WorkGroup": {"Name": WorkGroup, "Configuration": {"ResultConfiguration": result}}}

    def StopQueryExecution(self, QueryExecutionId: str) -> dict[str, Any]:
        return {}

    def GetQueryExecution(self, QueryExecutionId: str) -> dict[str, Any]:
        began = self.queries[QueryExecutionId][1]
        done = (self.time.at - began).total_seconds() >= 2
        status = {"State": "SUCCEEDED" if done else "RUNNING", "SubmissionDateTime": began}
        ended = {"CompletionDateTime": began + timedelta(seconds=2)} if done else {}
        folder = f"s3://{RESULTS}/engineers/"
        result = {"OutputLocation": self.results.get(QueryExecutionId, f"{folder}{QueryExecutionId}.csv")}
        return {
            "QueryExecution": {
                "Query": self.queries[QueryExecutionId][0],
                "Status": {**status, **ended},
                "ResultConfiguration": result,
            }
        }

    def GetQueryResults(self, QueryExecutionId: str, MaxResults: int) -> dict[str, Any]:
        sql = self.queries[QueryExecutionId][0]
        if '"staging_db"' in sql:
            rows = self.raw_rows(sql)
            return result_set([("a", "varchar")] * len(rows[0]), rows)
        if sql.startswith("SELECT count(*) FROM"):
            return result_set([("a", "bigint")], [[len(self.rows)]])
        if f'"tbl_{MART}"' in sql:
            return result_set([("wave", "varchar"), ("row_count", "bigint"), ("amount", "bigint")], self.marts)
        if f'"tbl_{PARQUET}"' in sql:
            chosen = [1] if "SELECT contact" in sql else [0, 2]
            return result_set([("a", "varchar")] * len(chosen), [[row[i] for i in chosen] for row in self.masked])
        if sql.startswith("SELECT count"):
            amount = sum(int(row.split(",")[2]) for row in self.rows)
            hidden = sum(row.split(",")[1] == "heavy" for row in self.rows)
            return result_set([("a", "bigint")] * 3, [[len(self.rows), hidden, amount]])
        return result_set(COLUMNS, [row.split(",") for row in sorted(self.rows)])

    # --- roles

    def GetRole(self, RoleName: str) -> dict[str, Any]:
        arn = f"arn:aws:iam::{NUMBER}:role/{RoleName}"
        ids = {"Path": "/", "RoleId": ROLE_ID, "CreateDate": self.time.at}
        trust = quote(json.dumps(trust_policy(NUMBER)))  # IAM answers it percent-encoded; botocore decodes it
        return {"Role": {"RoleName": RoleName, "Arn": arn, **ids, "AssumeRolePolicyDocument": trust}}

    def SimulatePrincipalPolicy(
        self, PolicySourceArn: str, ActionNames: list[str], ResourceArns: list[str]
    ) -> dict[str, Any]:
        if ActionNames == ["athena:GetQueryResultsStream"]:
            assert ResourceArns == [f"arn:aws:athena:{REGION}:{NUMBER}:workgroup/{LAKE}"]
            decision = "allowed" if PolicySourceArn.endswith("-analyst") else "implicitDeny"
            return {"EvaluationResults": [{"EvalActionName": ActionNames[0], "EvalDecision": decision}]}
        secret = f"arn:aws:secretsmanager:{REGION}:{NUMBER}:secret:{LAKE}/masking/verify_probe-"
        assert ActionNames == ["secretsmanager:GetSecretValue"]
        assert ResourceArns[0].startswith(secret)
        may = PolicySourceArn == f"arn:aws:iam::{NUMBER}:role/{LAKE}-job-{PARQUET}"
        decision = "allowed" if may else "implicitDeny"
        return {"EvaluationResults": [{"EvalActionName": ActionNames[0], "EvalDecision": decision}]}

    # --- the caller, keys and logs

    def GetCallerIdentity(self) -> dict[str, Any]:
        return {"Account": NUMBER, "Arn": f"arn:aws:sts::{NUMBER}:assumed-role/river-verify/somebody"}

    def AssumeRole(self, RoleArn: str, RoleSessionName: str) -> dict[str, Any]:
        assert RoleArn == f"arn:aws:iam::{NUMBER}:role/{LAKE}-analyst"
        keys = {"AccessKeyId": "ASIA0000000000000000", "SecretAccessKey": "x", "Expiration": self.time.at}
        return {"Credentials": {**keys, "SessionToken": RoleSessionName}}

    def GenerateDataKey(self, KeyId: str, KeySpec: str) -> dict[str, Any]:
        assert (KeyId, KeySpec) == (KEY, "AES_256")
        return {"KeyId": KeyId, "Plaintext": b"plain", "CiphertextBlob": b"encrypted"}

    def Decrypt(self, KeyId: str, CiphertextBlob: bytes) -> dict[str, Any]:
        assert (KeyId, CiphertextBlob) == (KEY, b"encrypted")
        return {"KeyId": KeyId, "Plaintext": b"plain"}

    def DescribeKey(self, KeyId: str) -> dict[str, Any]:
        assert KeyId == "alias/river"
        return {"KeyMetadata": {"KeyId": "of-the-lake", "Arn": KEY}}

    def DescribeLogGroups(self, logGroupNamePrefix: str) -> dict[str, Any]:
        return {"logGroups": [{"logGroupName": logGroupNamePrefix, "kmsKeyId": KEY}, {"logGroupName": "another"}]}

    def DescribeLogStreams(self, logGroupName: str, logStreamNamePrefix: str) -> dict[str, Any]:
        if logGroupName.startswith("/aws-glue/"):
            raise Refuse("ResourceNotFoundException")
        return {"logStreams": [{"logStreamName": logStreamNamePrefix}]}

    def FilterLogEvents(self, logGroupName: str, **_: Any) -> dict[str, Any]:
        lines = self.logged if logGroupName.endswith("/output") else []
        return {"events": [{"message": line} for line in lines]}


def address(number: int) -> str:
    """Return the address of the table's metadata file of this number."""
    return f"s3://{WAREHOUSE}/data-warehouse/{DATASET}/metadata/{number:05}.metadata.json"


def session_of(account: Account) -> Callable[..., StubbedSession]:
    """Return what takes the place of `boto3.Session`: the verifier's session, or with keys an analyst's."""

    def session(**keys: str) -> StubbedSession:
        return StubbedSession(Analyst(account, keys["aws_session_token"]).answer if keys else account.answer)

    return session


def dataset_of(job: str) -> str:
    """Return the dataset of a job of the lake."""
    dataset = job.removeprefix(f"{LAKE}-refine-").removeprefix(f"{LAKE}-build_mart-")
    assert dataset in DATASETS, job
    return dataset


def mask(text: str) -> str:
    """Return a keyed hash of a text."""
    return hmac.new(b"key", text.encode(), "sha256").hexdigest()


def parquet_of(rows: Sequence[tuple[str, str]]) -> bytes:
    """Return a Parquet file with these rows."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = Path(folder, "a.parquet")
        connection.execute("CREATE TABLE refused (probe_id VARCHAR, contact VARCHAR)")
        connection.executemany("INSERT INTO refused VALUES (?, ?)", rows)
        connection.execute(f"COPY refused TO '{file}' (FORMAT parquet)")
        return file.read_bytes()


def result_set(columns: list[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return an answer of Athena, whose first row has the names."""
    lines = [[name for name, _ in columns], *rows]
    data = [{"Data": [{"VarCharValue": str(cell)} for cell in line]} for line in lines]
    info = [{"Name": name, "Type": kind} for name, kind in columns]
    return {"ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": info}}}


def wheelhouse(*wheels: str) -> bytes:
    """Return a zip of wheels with the layout of a release's wheelhouse."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in wheels:
            archive.writestr(f"wheels/{name}-py3-none-any.whl", b"x")
        archive.writestr("wheels/requirements.txt", b"x")
    return content.getvalue()


def _raise(error: Exception) -> Any:
    raise error
