"""A query of a mart, computed so that a number which does not fit stops the run: a wrapped sum is never published."""

from __future__ import annotations

from typing import Any

from py4j.java_gateway import JavaObject, is_instance_of
from pyspark.sql import DataFrame, SparkSession

from headgate.gate.checked import OVERFLOW, Tree, checked_tree

_EXPRESSION = "org.apache.spark.sql.catalyst.expressions.Expression"
_PLAN = "org.apache.spark.sql.catalyst.plans.logical.LogicalPlan"
_SUBQUERIES = ("ScalarSubquery", "Exists", "ListQuery", "LateralSubquery")


def checked_query(rows: DataFrame) -> DataFrame:
    """The same rows; reading them raises where a step of arithmetic overflows."""
    session: Any = rows.sparkSession
    plan = _checked_plan(rows._jdf.queryExecution().analyzed())  # type: ignore[operator]
    return DataFrame(session._jvm.org.apache.spark.sql.Dataset.ofRows(session._jsparkSession, plan), session)


def _checked_plan(plan: Tree) -> Tree:
    parts = [plan.productElement(at) for at in range(plan.productArity())]
    renewed = [_renewed(part) for part in parts]
    if _equal(parts, renewed):
        return plan
    session = _session()
    array = session.sparkContext._gateway.new_array(session._jvm.java.lang.Object, len(renewed))
    for at, part in enumerate(renewed):
        array[at] = part
    return plan.makeCopy(array)


def _renewed(part: Any) -> Any:
    """A part of a plan: an expression, a plan, or a list or option of them; anything else stays."""
    if not isinstance(part, JavaObject):
        return part
    if _is(part, _EXPRESSION):
        return checked_tree(part, _STEPS)
    if _is(part, _PLAN):
        return _checked_plan(part)
    if _is(part, "scala.Some"):
        some: Any = part
        value = some.get()
        new = _renewed(value)
        return part if new is value else _session()._jvm.scala.Some(new)
    return _renewed_list(part) if _is(part, "scala.collection.Seq") else part


def _renewed_list(part: Any) -> Any:
    old = [part.apply(at) for at in range(part.size())]
    new = [_renewed(element) for element in old]
    return part if _equal(old, new) else _session()._jvm.PythonUtils.toSeq(new)


def _subquery(tree: Tree, children: list[Tree]) -> Tree:
    plan = tree.plan()
    checked = _checked_plan(plan)
    return tree if checked is plan else tree.withNewPlan(checked)


_STEPS = {**OVERFLOW, **dict.fromkeys(_SUBQUERIES, _subquery)}


def _equal(old: list[Any], new: list[Any]) -> bool:
    return all(one is other for one, other in zip(old, new, strict=True))


def _is(part: JavaObject, kind: str) -> bool:
    return is_instance_of(_session().sparkContext._gateway, part, kind)


def _session() -> Any:
    session = SparkSession.getActiveSession()
    assert session is not None
    return session
