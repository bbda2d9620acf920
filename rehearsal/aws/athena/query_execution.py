"""One execution of a query: the location of its result, its states, and the file that it writes.

Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ministack.services import athena as emulated

from rehearsal.aws import credentials
from rehearsal.aws.athena import results as athena_results
from rehearsal.aws.athena import statement as athena_sql
from rehearsal.aws.athena import trino_client
from rehearsal.aws.athena.callers import Turns

_ENGINE_VERSION = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
_FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")
_log = logging.getLogger("rehearsal.aws.athena.service")


class QueryExecution:
    """A query from the request to its end; `record` is what the API shows of it."""

    def __init__(self, name: str, settings: Mapping[str, Any], caller: credentials.Credentials, turns: Turns) -> None:
        self.id, self.results = name, ""
        self._settings, self._caller, self._turns = settings, caller, turns
        self._role = credentials.role_of(caller)
        self._progress = trino_client.QueryProgress()
        self._lock = threading.Lock()
        self._enforced, self._encryption, self._owner = False, {}, ""
        self.record: dict[str, Any] = {}

    def set_location(self, group: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Set the location of the result: the workgroup's where it enforces it, else the caller's if there is one."""
        own = group.get("Configuration") or {}
        self._enforced = bool(own.get("EnforceWorkGroupConfiguration", True))
        default = own.get("ResultConfiguration") or {}
        chosen = default if self._enforced else {**default, **given}
        location = chosen.get("OutputLocation") or ""
        if self._enforced and not location:
            location = given.get("OutputLocation") or ""
        self.results = location and location.rstrip("/") + "/"
        self._encryption = chosen.get("EncryptionConfiguration") or {}
        self._owner = chosen.get("ExpectedBucketOwner") or ""
        self._progress.scan_limit = int(own.get("BytesScannedCutoffPerQuery") or 0)
        self._group, self._has_location = str(group["Name"]), bool(default.get("OutputLocation"))

    def read(self, sql: str, database: str) -> None:
        """Read the statement. Raises `NotAccepted` or `Failed` for one that Athena refuses at submission."""
        self._statement = athena_sql.read(
            sql, tables_go_to=f"{self.results}tables/{self.id}/",
            may_name_location=not (self._enforced and self._has_location),
        )  # fmt: skip
        self._session = trino_client.TrinoSession(self._role or "account", database, self._statement.session)
        if self._statement.by_emulator:
            self._ddl = emulated._parse_ddl(self._statement.sql)
            if self._ddl is None or self._ddl.iceberg:
                raise athena_sql.NotAccepted("The rehearsal does not serve this CREATE EXTERNAL TABLE.", "NOT_SERVED")
        else:
            trino_client.check_syntax(self._settings["trino"], self._statement.sql, self._session)
        self.record = self._new_record(sql, database)

    def _new_record(self, sql: str, database: str) -> dict[str, Any]:
        kept = {"EncryptionConfiguration": self._encryption} if self._encryption else {}
        owner = {"ExpectedBucketOwner": self._owner} if self._owner else {}
        return {
            "QueryExecutionId": self.id, "Query": sql, "StatementType": self._statement.type,
            "SubstatementType": self._statement.substatement, "WorkGroup": self._group,
            "ResultConfiguration": {"OutputLocation": self._output(), **kept, **owner},
            "QueryExecutionContext": {"Database": database, "Catalog": trino_client.HIVE},
            "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
            "Statistics": {}, "EngineVersion": _ENGINE_VERSION, "_rows": [], "_columns": [], "_updated": 0,
        }  # fmt: skip

    def _output(self) -> str:
        if self._statement.new_table:
            return f"{self.results}tables/{self.id}"
        if self._statement.is_query:
            return f"{self.results}{self.id}.csv"
        return f"{self.results}{self.id}{'' if self._statement.type == 'DML' else '.txt'}"

    def must_have_bucket(self, refused: type[Exception]) -> None:
        """Raise `refused` when the bucket of the results does not exist; Athena checks that before it starts."""
        bucket = urlsplit(self.results).netloc
        try:
            self._client("s3").get_bucket_location(Bucket=bucket)
        except Exception as problem:
            if not (code := credentials.error_code(problem)):
                raise
            why = "Access denied." if "AccessDenied" in code else ""
            raise refused(f"Unable to verify/create output bucket {bucket}. {why}".strip()) from problem

    def stop(self) -> None:
        """Ask for the end; a query that has ended stays as it is."""
        self._progress.stop = self._progress.stop or "Query cancelled by user"

    def run(self) -> None:
        """Run the query to its end; it always gets a final state."""
        try:
            self._finish(self._work())
        except trino_client.Stopped as problem:
            self._set_state("CANCELLED", str(problem))
        except trino_client.Failed as problem:
            self._set_state("FAILED", str(problem), problem.category)
        except Exception as problem:
            _log.exception("query %s", self.id)
            self._set_state("FAILED", f"GENERIC_INTERNAL_ERROR: {problem}", 1)

    def _work(self) -> trino_client.Answer:
        if self._statement.must_be_empty:
            self._must_be_empty(self._statement.must_be_empty)
        if self._statement.by_emulator:
            self._set_state("RUNNING")
            self._create_external_table(self._ddl)
            return trino_client.Answer()
        with self._turns.taken(self._role, self._caller, lambda: bool(self._progress.stop)):
            return trino_client.run(
                self._settings["trino"], self._statement.sql, self._session, self._progress,
                lambda: self._set_state("RUNNING"),
            )  # fmt: skip

    def _create_external_table(self, ddl: Any) -> None:
        """Write the table, as read by the emulator's parser, into the catalog, as the caller."""
        database = ddl.database or self._session.database
        try:
            self._client("glue").create_table(DatabaseName=database, TableInput=emulated._create_table_input(ddl))
        except Exception as problem:
            code = credentials.error_code(problem)
            if not code:
                raise
            if code == "AlreadyExistsException" and ddl.if_not_exists:
                return
            denied = "Insufficient permissions to execute the query. " if "AccessDenied" in code else ""
            raise trino_client.Failed("", f"{denied}{problem}") from problem

    def _must_be_empty(self, location: str) -> None:
        parts = urlsplit(location)
        prefix = parts.path.strip("/") + "/"
        listed = self._client("s3").list_objects_v2(Bucket=parts.netloc, Prefix=prefix, MaxKeys=1)
        if listed.get("KeyCount"):
            raise trino_client.Failed(
                "HIVE_PATH_ALREADY_EXISTS",
                f"Target directory for table '{self._statement.new_table}' already exists: {location}. You may need to "
                f"manually clean the data at location '{self.results}tables/{self.id}' before retrying. Athena will "
                "not delete data in your account.",
            )

    def _finish(self, answer: trino_client.Answer) -> None:
        if self._progress.stop:  # the stop came after the last page
            raise trino_client.Stopped(self._progress.stop)
        columns = answer.columns[: len(self._statement.headings) or None]
        names = list(self._statement.headings) or [name for name, _ in columns]
        kinds = [kind for _, kind in columns]
        rows = athena_results.texts([row[: len(columns)] for row in answer.rows], kinds)
        if self._statement.substatement == "SHOW_DATABASES":
            rows = [row for row in rows if row != ["information_schema"]]
        statement = self._statement
        counted = bool(statement.new_table) or (statement.type == "DML" and not statement.is_query)
        shown: list[athena_results.Row] = [] if counted else rows
        if self._statement.is_query:
            self._write(athena_results.csv(names, rows), "text/csv")
            shown = [list(names), *rows]
        elif not counted:
            self._write(athena_results.listing(rows), "text/plain")
        self.record["_rows"], self.record["_updated"] = shown, answer.updated or 0
        self.record["_columns"] = athena_results.column_info(list(zip(names, kinds, strict=True)))
        self._set_state("SUCCEEDED")

    def _write(self, content: bytes, kind: str) -> None:
        """Put the result where the API says, as the caller, encrypted as the workgroup requires."""
        address = self.record["ResultConfiguration"]["OutputLocation"]
        parts = urlsplit(address)
        option, key = self._encryption.get("EncryptionOption", ""), self._encryption.get("KmsKey")
        wanted = {"SSE_KMS": {"ServerSideEncryption": "aws:kms"}, "SSE_S3": {"ServerSideEncryption": "AES256"}}
        secured = {**wanted.get(option, {}), **({"SSEKMSKeyId": key} if key and option == "SSE_KMS" else {})}
        owner = {"ExpectedBucketOwner": self._owner} if self._owner else {}
        try:
            self._client("s3").put_object(
                Bucket=parts.netloc, Key=parts.path.lstrip("/"), Body=content, ContentType=kind, **secured, **owner
            )
        except Exception as problem:
            if not (code := credentials.error_code(problem)):
                raise
            denied = "Access denied when writing output to url" if code == "AccessDenied" else code
            raise trino_client.Failed(
                "", f"{denied}: {address} . Please ensure you are allowed to access the S3 bucket."
            ) from problem

    def _client(self, service: str) -> Any:
        return self._caller.client(service, self._settings["endpoint"], self._settings["region"])

    def _set_state(self, state: str, reason: str = "", category: int = 0) -> None:
        with self._lock:
            status = self.record["Status"]
            if status["State"] in _FINAL or status["State"] == state:
                return
            new = {**status, "State": state}
            if reason:
                new["StateChangeReason"] = reason
            if category:
                new["AthenaError"] = {"ErrorCategory": category, "Retryable": False, "ErrorMessage": reason}
            if state in _FINAL:
                new["CompletionDateTime"] = time.time()
                self.record["Statistics"] = self._statistics(new)
            self.record["Status"] = new

    def _statistics(self, status: Mapping[str, Any]) -> dict[str, int]:
        spent, total = self._progress.milliseconds, status["CompletionDateTime"] - status["SubmissionDateTime"]
        return {
            "EngineExecutionTimeInMillis": spent.get("elapsed", 0), "DataScannedInBytes": self._progress.scanned,
            "TotalExecutionTimeInMillis": int(1000 * total), "QueryQueueTimeInMillis": spent.get("queued", 0),
            "QueryPlanningTimeInMillis": spent.get("planning", 0), "ServiceProcessingTimeInMillis": 0,
        }  # fmt: skip
