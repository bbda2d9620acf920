"""`route-arrivals` as planned, on the emulator: an object leaves a hint in the queue of each of its datasets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from burst import Arrivals, Planned, make_machine, patiently, start_afresh
from emulator import ACCOUNT, REGION, EmulatedAccount
from mocked_plan import Plan

pytestmark = pytest.mark.needs("terraform", "ministack")

Routes = Mapping[str, Mapping[str, str]]
ROUTE = "module.pipeline.aws_sfn_state_machine.route"
# Paths that begin alike, that lie inside each other, that are one file, and documents that land.
ROUTES: Routes = {
    "": {"arrivals-lists": "list*"},
    "clicks/": {"arrivals-clicks": "*", "landed": "*"},
    "shop/": {"arrivals-shop": "*", "arrivals-stock": "stock.csv*"},
    "shop/orders/": {"arrivals-orders": "*"},
    "shop/orders_eu/": {"arrivals-orders_eu": "*"},
    "größe/": {"arrivals-sizes": "*"},
}
QUEUES = {queue for queues in ROUTES.values() for queue in queues}


class Router:
    """The planned machine, with a table of paths and with queues."""

    def __init__(self, aws: EmulatedAccount, lake: Plan, routes: Routes, queues: set[str]) -> None:
        start_afresh(aws)
        self._sqs, self._sfn = aws.client("sqs"), aws.client("stepfunctions")
        self._urls = {queue: self._sqs.create_queue(QueueName=f"test-{queue}")["QueueUrl"] for queue in queues}
        definition = json.loads(lake.values[ROUTE]["definition"])
        definition["States"]["Know the paths"]["Assign"]["routes"] = routes
        self._machine = make_machine(self._sfn, lake.values[ROUTE], json.dumps(definition))

    def route(self, key: str) -> str:
        """Route the event of an object; returns how the execution ended."""
        hint = json.dumps({"key": key, "size": 4, "etag": "e", "version-id": "v", "sequencer": "s"})
        return self._sfn.start_sync_execution(stateMachineArn=self._machine, input=hint)["status"]

    def hints(self) -> dict[str, list[Any]]:
        """The content of each queue that is not empty."""
        found = dict[str, list[Any]]()
        for queue, url in self._urls.items():
            messages = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            if messages:
                found[queue] = [json.loads(message["Body"]) for message in messages]
        return found


@pytest.fixture
def router(emulator: EmulatedAccount, lake: Plan) -> Router:
    return Router(emulator, lake, ROUTES, QUEUES | {"undelivered"})


@pytest.mark.parametrize(
    ("key", "queues"),
    [
        ("shop/orders/2026/11/a.csv", {"arrivals-orders", "arrivals-shop"}),
        ("shop/orders_eu/a.csv", {"arrivals-orders_eu", "arrivals-shop"}),
        ("shop/orders_eu_old/a.csv", {"arrivals-shop"}),
        ("shop/stock.csv", {"arrivals-shop", "arrivals-stock"}),
        ("shop/old/stock.csv", {"arrivals-shop"}),
        ("shops/a.csv", set()),
        ("clicks/one-0123456789abcdef.parquet", {"arrivals-clicks", "landed"}),
        ("list.csv", {"arrivals-lists"}),
        ("a.csv", set()),
        ("größe/ein paar + mehr.csv", {"arrivals-sizes"}),
        ("copy/shop/orders/a.csv", set()),
        ("constructor/a.csv", set()),
    ],
)
def test_an_object_leaves_one_hint_in_the_queue_of_each_dataset_below_whose_path_it_lies(
    router: Router, key: str, queues: set[str]
) -> None:
    assert router.route(f"staging/{key}") == "SUCCEEDED"
    hints = router.hints()
    assert set(hints) == queues
    for [hint] in hints.values():
        assert hint == {
            "key": f"staging/{key}", "size": 4, "etag": "e", "version-id": "v", "sequencer": "s",
        }  # fmt: skip


def test_thousands_of_paths_are_looked_up_in_time(emulator: EmulatedAccount, lake: Plan) -> None:
    """Step Functions gives an expression a second; the table of 3,000 datasets must fit into a variable."""
    many = {f"domain/dataset_{n:04}/": {f"arrivals-dataset_{n:04}": "*"} for n in range(3000)}
    assert len(json.dumps(many, separators=(",", ":"))) < 256 * 1024
    router = Router(emulator, lake, many, {"arrivals-dataset_2999", "undelivered"})
    assert router.route("staging/domain/dataset_2999/2026/a.csv") == "SUCCEEDED"
    assert set(router.hints()) == {"arrivals-dataset_2999"}


def test_a_hint_that_its_queue_does_not_take_is_a_dead_letter_and_the_other_queues_get_theirs(
    emulator: EmulatedAccount, lake: Plan
) -> None:
    router = Router(emulator, lake, ROUTES, QUEUES - {"arrivals-clicks"} | {"undelivered"})
    assert router.route("staging/clicks/a.parquet") == "SUCCEEDED"
    hints = router.hints()
    assert set(hints) == {"landed", "undelivered"}
    [letter] = hints["undelivered"]
    assert (letter["object"]["key"], letter["queue"]) == ("staging/clicks/a.parquet", "test-arrivals-clicks")
    assert letter["error"].startswith("Sqs.")
    assert "The specified queue does not exist" in letter["error"]


def test_an_execution_that_can_put_its_hint_nowhere_fails(emulator: EmulatedAccount, lake: Plan) -> None:
    router = Router(emulator, lake, ROUTES, set())
    assert router.route("staging/clicks/a.parquet") == "FAILED"
    assert router.route("staging/a.csv") == "SUCCEEDED"


@pytest.fixture
def former(workspace: Any, lake: Plan) -> Iterator[Plan]:
    from applied import SETTINGS

    yield workspace.plan(**{**SETTINGS, "protected": True, "former_rules": True})


def test_no_object_goes_without_a_hint_while_a_lake_is_upgraded(
    emulator: EmulatedAccount, lake: Plan, former: Plan
) -> None:
    """As docs/UPGRADING.md has it: a rule per dataset, both, and the one rule alone."""
    start_afresh(emulator)
    events = emulator.client("events")
    arrivals = Arrivals(emulator, Planned(lake, "orders"), routed=False)
    rule, target = (former.values[f'module.pipeline.aws_cloudwatch_event_{kind}.arrival["orders"]'] for kind in
                    ("rule", "target"))  # fmt: skip
    events.put_rule(Name=rule["name"], EventPattern=rule["event_pattern"])
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:test-arrivals-orders"
    put = {"Id": target["target_id"], "Arn": queue, "InputPath": target["input_path"]}
    events.put_targets(Rule=rule["name"], Targets=[put])
    hints_of(arrivals, "before", 1)
    arrivals.make_route()
    hints_of(arrivals, "both", 2)
    events.remove_targets(Rule=rule["name"], Ids=[target["target_id"]])
    events.delete_rule(Name=rule["name"])
    hints_of(arrivals, "after", 1)


def hints_of(arrivals: Arrivals, name: str, expected: int) -> None:
    """Put an object; it must leave this number of hints."""
    before = arrivals.hints()
    arrivals.put([f"staging/orders/{name}.csv"])
    look: Callable[[], bool] = lambda: arrivals.hints() >= before + expected  # noqa: E731
    patiently(look, lambda: f"{arrivals.hints() - before} hints {name}")
    assert arrivals.hints() == before + expected
