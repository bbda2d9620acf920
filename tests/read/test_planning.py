"""The plan of a run: heads are looked at side by side, and each only once."""

from __future__ import annotations

import threading

import pytest

from conftest import MakeContract, Staging
from headgate.lake.storage import LocalStorage
from headgate.read import Known, objects, plan


class Watched(LocalStorage):
    """A folder that notes each head that is read, and waits in each until `together` are read at once."""

    def __init__(self, root: object, together: int = 1) -> None:
        super().__init__(str(root))
        self.asked = list[str]()
        self._all_there = threading.Barrier(together, timeout=20)

    def head(self, path: str, size: int) -> bytes:
        self.asked.append(path)
        self._all_there.wait()
        return super().head(path, size)


def test_heads_are_read_side_by_side(staging: Staging, contract: MakeContract) -> None:
    for number in range(32):
        staging.put(f"orders/{number}.csv", "order_id,amount\na,1\n")
    orders = contract("order_id", "amount", path="orders/")
    store = Watched(staging.root, together=16)
    assert len(plan(orders, store, objects(store, orders.path)).files) == 32


@pytest.mark.parametrize("changed", [False, True])
def test_a_second_plan_looks_only_at_what_it_does_not_know(
    staging: Staging, contract: MakeContract, changed: bool
) -> None:
    for name in "ab":
        staging.put(f"orders/{name}.csv", "order_id,amount\na,1\n")
    orders = contract("order_id", "amount", path="orders/")
    store, known = Watched(staging.root), Known()
    plan(orders, store, objects(store, orders.path), known=known)
    if changed:
        staging.put("orders/b.csv", "amount,order_id\n1,a\n2,b\n")
    again = plan(orders, store, objects(store, orders.path), known=known)
    assert store.asked == ["orders/a.csv", "orders/b.csv", *(["orders/b.csv"] if changed else [])]
    assert len(again.groups) == (2 if changed else 1)
