"""The event path from outside: documents go in, and nobody starts anything; an engineer reads the rows from Athena.

Faults on purpose: a document that is not JSON, one of a dataset without a contract, the same event five times, two
versions out of order, a burst, and a function without a right.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from headgate.cli.dead_letters import DeadLetter, DeadLetters
from headgate.errors import RunFailed
from rehearsal.walk.documents import COLUMNS, DATASET, Document, differing, document, price
from rehearsal.walk.executions import ended, executions, machine_arn, must_succeed, start
from rehearsal.walk.faults import without
from rehearsal.walk.permissions import permission_use
from rehearsal.walk.queries import Queries, clients_of
from rehearsal.walk.scene import Scene, must_be_as_expected

BURST = 500  # documents
_OF_A_DOCUMENT = 3  # clicks in each document of the burst
_WITHIN = 240.0
_TAKEN_AWAY = "s3:PutObject"
_CRAWL = "glue:StartCrawler"


@dataclass
class EventPath:
    """The event path of a deployed lake, and the clicks that must be in Athena: by number, the version."""

    scene: Scene
    wanted: dict[int, str] = field(default_factory=dict)
    _execution: str = ""
    _crawls_before_burst: int = 0

    def __post_init__(self) -> None:
        self.events: Mapping[str, Any] = self.scene.outputs["events"]
        roles, lake = self.scene.outputs["roles"], self.scene.outputs["lake"]["name"]
        clients = clients_of(self.scene.emulator, roles["engineer"])
        results = f"s3://{self.scene.outputs['buckets']['athena_results']}/engineers/"
        database = self.scene.outputs["databases"]["staging"]
        self._engineer = Queries(clients, self.scene.outputs["engineers_workgroup"], database, results)
        operator = clients_of(self.scene.emulator, roles["operator"])
        self.dead = DeadLetters(lake, operator("sqs"), operator("logs"))

    def put(self, sent: Document) -> None:
        """Put a document into the staging bucket, as an application does."""
        self.scene.s3.put_object(Bucket=self._staging, Key=sent.key, Body=sent.text.encode())

    def one_document(self) -> str:
        """A first document: its rows are in Athena, and nobody has started a thing."""
        self.put(document("first", range(4)))
        self.wanted |= dict.fromkeys(range(4), "1.0")
        self.await_rows("the rows of the first document in Athena")
        return f"{len(self.wanted)} rows of texts, nested parts by their paths, numbers as the document writes them"

    def typed_rows(self) -> str:
        """The view of the raw rows has their types: no cast is needed."""
        view = f"{self.scene.prefix}{DATASET}_typed"
        [[rows, total, most]] = self._engineer.ask(
            f'SELECT count(*), sum(price) + 0.0001, max(click_id) + 1 FROM "{view}" WHERE price > 0'
        )
        wanted = sum(Decimal(price(number)) for number in self.wanted) + Decimal("0.0001")
        seen = (int(rows), Decimal(str(total)), int(most))
        must_be_as_expected("the typed view", rows=(seen, (len(self.wanted), wanted, max(self.wanted) + 1)))
        return f"{rows} rows: the sum of their prices and 0.0001 is {total}"

    def the_same_event_five_times(self) -> str:
        """The event of a document comes five more times: its file is written once."""
        key = document("first", ()).key
        [landed] = self._landed("first")
        before, read = self._versions(landed), self._reads(key)
        for _ in range(5):
            self._event(key)
        self.scene.until("the function reads it five more times", lambda: self._reads(key) >= read + 5, _WITHIN)
        self._await_empty()
        must_be_as_expected("the same event five times", versions=(self._versions(landed), before))
        return "one file, written once"

    def two_versions_out_of_order(self) -> str:
        """A document is replaced, and the event of its first version comes last: the rows are those of the second."""
        first, second = document("changed", range(10, 14)), document("changed", range(12, 16), "2.0")
        self.put(first)
        self.put(second)
        self._event(first.key)
        self.wanted |= dict.fromkeys(range(12, 16), "2.0")
        self.await_rows("the rows of a document's second version, and none of its first")
        return "readers see the second version's rows only"

    def a_poisoned_document(self) -> str:
        """Half a document, and one of no dataset, become dead letters with reasons; one is corrected and replayed."""
        poisoned = Document(f"incoming/{DATASET}/poisoned.json", '{"clicks": [{"id": 20, "what": "pl')
        stranger = Document("incoming/nobody/one.json", "{}")
        self.put(poisoned)
        self.put(stranger)
        letters = {letter.key: letter for letter in self._await_letters({poisoned.key, stranger.key})}
        corrected = document("poisoned", range(20, 24))
        self.put(corrected)
        replayed = self.dead.replay(DATASET)
        self.wanted |= dict.fromkeys(range(20, 24), "1.0")
        self.await_rows("the rows of the corrected document")
        must_be_as_expected(
            "a poisoned document", replayed=(replayed, [poisoned.key]),
            left=([letter.key for letter in self.dead.letters()], [stranger.key]),
        )  # fmt: skip
        return (
            f"dead letters: `{letters[poisoned.key].reason}`; `{letters[stranger.key].reason}`; corrected and replayed"
        )

    def begin_burst(self) -> None:
        """Put 500 documents at once; they are flattened while the walk continues."""
        numbers = range(1000, 1000 + BURST * _OF_A_DOCUMENT)
        sent = [
            document(f"burst-{at:03d}", numbers[at * _OF_A_DOCUMENT : (at + 1) * _OF_A_DOCUMENT]) for at in range(BURST)
        ]
        self._crawls_before_burst = len(self._crawls())
        with ThreadPoolExecutor(8) as several:
            list(several.map(self.put, sent))
        self.wanted |= dict.fromkeys(numbers, "1.0")

    def settle_burst(self) -> str:
        """Every row of the burst has arrived, and the crawls were few and one at a time."""
        self._await_empty()
        self._await_crawled()
        self.await_rows(f"the rows of {BURST} documents")
        crawls = self._crawls()[self._crawls_before_burst :]
        refused = [call for call in crawls if call["status"] != 200]
        must_be_as_expected("a burst", refused=(refused, []), some=(bool(crawls), True), few=(len(crawls) < 25, True))
        return f"{BURST} documents, {BURST * _OF_A_DOCUMENT} rows, {len(crawls)} crawls, never two at once"

    def a_function_without_its_right(self) -> str:
        """The function may no longer write: a dead letter names the refused call; a later replay brings the rows."""
        role = f"{self.scene.outputs['lake']['name']}-flatten"
        sent = document("late", range(30, 34))
        with self._without(role, _TAKEN_AWAY):
            self.put(sent)
            letters = {letter.key: letter for letter in self._await_letters({sent.key})}
            refused = permission_use(self.scene.emulator.calls, self.scene.iam, role).refused
        named = [line for line in refused if _TAKEN_AWAY in line and f"/{DATASET}/late-" in line]
        self.dead.replay(DATASET)
        self.wanted |= dict.fromkeys(range(30, 34), "1.0")
        self.await_rows("the rows of a replayed document")
        reason = letters[sent.key].reason
        must_be_as_expected(
            "a function without its right", named=(bool(named), True), said=("PutObject" in reason, True)
        )
        return f"`{reason}`; refused was {named[0]}; replayed after it got the right back"

    def begin_refine(self) -> None:
        """Start the dataset's pipeline, as its schedule does."""
        self._execution = start(self.scene.sfn, self.scene.machine(DATASET))

    def settle_refine(self) -> str:
        """Wait for the pipeline: readers see each wanted row once, typed, and nothing was refused."""
        ended(self.scene.sfn, self._execution)
        must_succeed(self.scene.sfn, self._execution, f"pipeline {DATASET}")
        outcome = self.scene.last(DATASET)
        [[rows, clicks, total]] = self.scene.analyst.ask(
            f'SELECT count(*), count(DISTINCT click_id), sum(price) FROM "{self.scene.prefix}{DATASET}"'
        )
        wanted = sum(Decimal(price(number)) for number in self.wanted)
        must_be_as_expected(
            "refine of flattened documents", rows=((int(rows), int(clicks)), (len(self.wanted), len(self.wanted))),
            prices=(Decimal(str(total)), wanted), refused=(outcome["quarantined"], 0),
        )  # fmt: skip
        return f"{rows} rows are published, each click once, none refused; the sum of their prices is {total}"

    def await_rows(self, what: str) -> None:
        """Wait until the raw rows in Athena are the wanted ones. Raises `RunFailed` with what differs.

        Athena is asked only when no document waits any more: each query takes a second of this machine.
        """
        wrong = ["nothing was read"]
        self._await_empty()

        def look() -> bool:
            wrong[:] = differing(self.wanted, self.rows())
            return not wrong

        try:
            self.scene.until(what, look, _WITHIN)
        except RunFailed as error:
            letters = "; ".join(f"{letter.key}: {letter.reason}" for letter in self.dead.letters())
            raise RunFailed(f"{error.what}\n" + "\n".join(wrong), where=f"dead letters: {letters or 'none'}") from None

    def rows(self) -> list[dict[str, Any]]:
        """The raw rows that Athena gives; none before the table is registered."""
        if not self._registered():
            return []
        names = ", ".join(COLUMNS)
        return [
            dict(zip(COLUMNS, row, strict=True))
            for row in self._engineer.ask(f'SELECT {names} FROM "{self.scene.prefix}{DATASET}"')
        ]

    @property
    def _staging(self) -> str:
        return self.scene.outputs["buckets"]["staging"]

    def _registered(self) -> bool:
        tables = self.scene.glue.get_tables(DatabaseName=self.scene.outputs["databases"]["staging"])["TableList"]
        return f"{self.scene.prefix}{DATASET}" in [table["Name"] for table in tables]

    def _landed(self, name: str) -> list[str]:
        prefix = f"staging/{DATASET}/{name}-"
        listed = self.scene.s3.list_objects_v2(Bucket=self._staging, Prefix=prefix).get("Contents", [])
        return [entry["Key"] for entry in listed]

    def _versions(self, key: str) -> int:
        return len(self.scene.s3.list_object_versions(Bucket=self._staging, Prefix=key)["Versions"])

    def _reads(self, key: str) -> int:
        """How often a role has read a document."""
        lines = self.scene.emulator.calls.read_text(encoding="utf-8").splitlines()
        calls = [json.loads(line) for line in lines if key in line and "s3:GetObject" in line]
        return len([call for call in calls if call["role"] and call["resource"].endswith(f"/{key}")])

    def _event(self, key: str) -> None:
        """EventBridge's event of an object, again."""
        detail = {"bucket": {"name": self._staging}, "object": {"key": key}}
        body = json.dumps({"source": "aws.s3", "detail-type": "Object Created", "detail": detail})
        self.scene.sqs.send_message(QueueUrl=self._url("incoming"), MessageBody=body)

    def _url(self, queue: str) -> str:
        return self.scene.sqs.get_queue_url(QueueName=self.events["queues"][queue])["QueueUrl"]

    def _left(self, queue: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.scene.sqs.get_queue_attributes(QueueUrl=self._url(queue), AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def _await_empty(self) -> None:
        self.scene.until("an empty queue of documents", lambda: self._left("incoming") == 0, _WITHIN)

    def _await_crawled(self) -> None:
        """Wait until no hint is left and no execution runs."""
        machine = machine_arn(self.events["machine"])

        def crawled() -> bool:
            running = [one for one in executions(self.scene.sfn, machine) if one["status"] == "RUNNING"]
            return not running and self._left("landed") == 0

        self.scene.until("the last crawl of landed documents", crawled, _WITHIN)

    def _await_letters(self, keys: set[str]) -> list[DeadLetter]:
        letters = list[DeadLetter]()

        def look() -> bool:
            if self._left("dead") < len(keys):
                return False
            letters[:] = self.dead.letters()
            return keys <= {letter.key for letter in letters}

        self.scene.until(f"dead letters of {', '.join(sorted(keys))}", look, _WITHIN)
        return letters

    def _crawls(self) -> list[dict[str, Any]]:
        lines = self.scene.emulator.calls.read_text(encoding="utf-8").splitlines()
        calls = [json.loads(line) for line in lines if _CRAWL in line]
        return [call for call in calls if call["resource"].endswith(f"/{self.events['crawler']}") and call["role"]]

    @contextmanager
    def _without(self, role: str, action: str) -> Any:
        [name] = self.scene.iam.list_role_policies(RoleName=role)["PolicyNames"]
        whole = self.scene.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        text = whole if isinstance(whole, str) else json.dumps(whole)
        changed = json.dumps(without(whole, action))
        self.scene.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=changed)
        try:
            yield
        finally:
            self.scene.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)


STEPS: Mapping[str, Callable[[EventPath], str]] = {
    "one document, from S3 to Athena": EventPath.one_document,
    "the typed view of the raw rows": EventPath.typed_rows,
}
FAULTS: Mapping[str, Callable[[EventPath], str]] = {
    "the same event five times": EventPath.the_same_event_five_times,
    "two versions, events out of order": EventPath.two_versions_out_of_order,
    "a poisoned document, and one of no dataset": EventPath.a_poisoned_document,
    "a function without its right": EventPath.a_function_without_its_right,
}
