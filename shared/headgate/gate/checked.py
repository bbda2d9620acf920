"""Spark SQL of a contract, computed so that a number which does not fit is an error, never another number.

Spark's own arithmetic wraps integers around, and cuts decimals of more than 38 digits to six places. The expression is
read and typed by Spark as usual; then each arithmetic step in its tree is replaced by the one that raises. What Spark
defines as null (a division by zero, a text that is not a number, an element that is not there) stays null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import OBJECT

Tree = Any
"""An expression of Spark in the JVM."""
Step = Callable[[Tree, list[Tree]], Tree]
"""What replaces a node of an expression, from the node and its children, which are replaced already."""

_PACKAGE = "org.apache.spark.sql.catalyst.expressions"
_TOO_GREAT = 2.0**63  # the first double that no bigint holds
_LOSES = "digits are lost"
_LEAST_PLACES, _DOUBLE_PLACES = 6, 15  # those that Spark leaves to every decimal; those of a double


def expression(text: str) -> Column:
    """The expression of a contract, as Spark reads it."""
    return F.expr(text)


def with_columns(value: Column, columns: Mapping[str, Column]) -> Column:
    """The expression, not yet resolved, with other columns in place of those that it names."""
    return _column(_renamed(value._jc.expr(), columns))  # type: ignore[operator]


def _renamed(tree: Tree, columns: Mapping[str, Column]) -> Tree:
    children = _children(tree)
    if _kind(tree) == "UnresolvedAttribute" and tree.nameParts().head() in columns:
        return _in_struct(columns[tree.nameParts().head()], tree.nameParts())._jc.expr()  # type: ignore[operator]
    renewed = [_renamed(child, columns) for child in children]
    changed = any(new is not old for new, old in zip(renewed, children, strict=True))
    return tree.withNewChildren(_seq(renewed)) if changed else tree


def _in_struct(value: Column, parts: Any) -> Column:
    for at in range(1, parts.size()):
        value = value.getField(parts.apply(at))
    return value


def checked(frame: DataFrame, value: Column) -> Column:
    """The expression over the frame's columns; evaluating it raises where a number does not fit.

    Raises `AnalysisException` for an expression that Spark cannot carry out.
    """
    return _column(checked_tree(resolved(frame, value), EXACT))


def resolved(frame: DataFrame, value: Column) -> Tree:
    """The expression as Spark reads it over the frame's columns, with types."""
    named = frame.select(value)._jdf.queryExecution().analyzed().projectList().head()  # type: ignore[operator]
    return named.child() if _kind(named) == "Alias" else named


def checked_tree(tree: Tree, steps: Mapping[str, Step]) -> Tree:
    """The resolved expression with each of these steps, by Spark's class, replaced by the one that raises."""
    children = _children(tree)
    renewed = [checked_tree(child, steps) for child in children]
    step = steps.get(_kind(tree))
    if step is not None:
        return step(tree, renewed)
    changed = any(new is not old for new, old in zip(renewed, children, strict=True))
    return tree.withNewChildren(_seq(renewed)) if changed else tree


def tried(value: Column) -> Column:
    """A struct of the value, null where evaluating it raises; for frames that have `OBJECT`."""
    # True of every row, which Spark cannot know: what two expressions share is never computed ahead of a condition,
    # where no attempt would catch its error.
    always = F.coalesce(F.octet_length(OBJECT), F.lit(0)) >= 0
    tree = F.struct(value.alias("value"))._jc.expr()  # type: ignore[operator]
    return F.when(always, _column(_new("TryEval", tree)))


def _overflow(tree: Tree, children: list[Tree]) -> Tree:
    """A step that raises where its result does not fit; null where Spark's `try_…` asks for it."""
    return _like(tree, *children, _ansi()) if _is_legacy(tree) else tree.withNewChildren(_seq(children))


def _divided(tree: Tree, children: list[Tree]) -> Tree:
    """`/` and `div`: null for a division by zero; a quotient that does not fit raises."""
    if not _is_legacy(tree) or (tree.foldable() and tree.eval(None) is None):
        return tree.withNewChildren(_seq(children))
    quotient = _column(_like(tree, *children, _ansi()))
    return F.when(_column(children[1]) != 0, quotient)._jc.expr()  # type: ignore[operator]


def _sum(tree: Tree, children: list[Tree]) -> Tree:
    """`+` and `-`: of decimals, no operand has more places than the result."""
    exact, scale = _overflow(tree, children), _cut_scale(tree, max)
    if scale is None:
        return exact
    fits = [_places(_column(child)) <= scale for child in children]
    return _or_raise(fits[0] & fits[1], exact)


def _product(tree: Tree, children: list[Tree]) -> Tree:
    """`*`: of decimals, the places of both operands have room in the result."""
    exact = _overflow(tree, children)
    scale = _cut_scale(tree, lambda left, right: left + right)
    if scale is None:
        return exact
    left, right = map(_column, children)
    return _or_raise(_places(left) + _places(right) <= scale, exact)


def _quotient(tree: Tree, children: list[Tree]) -> Tree:
    """`/` and `div`: of wide decimals, the places of the quotient have room in the result."""
    if not _is_legacy(tree) or not _cut_quotient(tree):
        return _divided(tree, children)
    above, below = map(_column, children)
    quotient = _column(_like(tree, *children, _ansi()))
    exact = (_places(quotient) + _places(below) <= _LEAST_PLACES) & (quotient * below == above)
    checked = _or_raise(F.coalesce(exact, F.lit(False)), quotient._jc.expr())  # type: ignore[operator]
    return F.when((below != 0) & above.isNotNull(), _column(checked))._jc.expr()  # type: ignore[operator]


def _sign(tree: Tree, children: list[Tree]) -> Tree:
    return _like(tree, children[0], True)


def _cast(tree: Tree, children: list[Tree]) -> Tree:
    """A number to a narrower type raises; a text that is not a value stays null."""
    child, kind, zone, mode = (tree.productElement(i) for i in range(4))
    exact = mode.toString() == "LEGACY" and _is_number(child.dataType()) and _is_number(kind)
    return _new("Cast", children[0], kind, zone, _ansi() if exact else mode)


def _whole(tree: Tree, children: list[Tree]) -> Tree:
    """`ceil` and `floor` of a double, which Spark takes for the greatest bigint where it is too great."""
    whole = tree.withNewChildren(_seq(children))
    if tree.child().dataType().typeName() not in ("double", "float"):
        return whole
    return _or_raise(F.abs(_column(children[0])) < _TOO_GREAT, whole)


# In a mart: what overflows raises. Decimals keep Spark's places, because totals and shares are rounded anyway.
OVERFLOW: Mapping[str, Step] = {
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Sum", "Average"), _overflow),
    **dict.fromkeys(("Divide", "IntegralDivide"), _divided),
    **dict.fromkeys(("UnaryMinus", "Abs"), _sign),
    **dict.fromkeys(("Ceil", "Floor"), _whole),
    "Cast": _cast,
}
# In a derived column, which has the values of one row: lost places raise, too.
EXACT: Mapping[str, Step] = {
    **OVERFLOW,
    **dict.fromkeys(("Add", "Subtract"), _sum),
    "Multiply": _product,
    "Divide": _quotient,
}


def _cut_scale(tree: Tree, wanted: Callable[[int, int], int]) -> int | None:
    """The places of a decimal result, where its operands' places have no room in it."""
    kinds = [child.dataType() for child in (tree, *_children(tree))]
    if tree.foldable() or any(not kind.typeName().startswith("decimal") for kind in kinds):
        return None
    result, left, right = (int(kind.scale()) for kind in kinds)
    return result if result < wanted(left, right) else None


def _cut_quotient(tree: Tree) -> bool:
    """True where Spark leaves a quotient of decimals fewer places than a double would have."""
    result, left, right = (child.dataType() for child in (tree, *_children(tree)))
    if tree.foldable() or not result.typeName().startswith("decimal"):
        return False
    natural = max(_LEAST_PLACES, left.scale() + right.precision() + 1)
    return bool(result.scale() < min(natural, _DOUBLE_PLACES))


def _places(number: Column) -> Column:
    """How many places behind the point a decimal uses."""
    plain = _column(_new("Cast", number._jc.expr(), _string(), _none(), _ansi()))  # type: ignore[operator]
    return F.length(F.regexp_extract(plain, r"\.([0-9]*?)0*$", 1))


def _or_raise(fits: Column, exact: Tree) -> Tree:
    """The step where it fits, or an error; null where an operand is null."""
    return F.when(fits, _column(exact)).when(~fits, F.raise_error(F.lit(_LOSES)))._jc.expr()  # type: ignore[operator]


def _is_number(kind: Tree) -> bool:
    name = kind.typeName()
    return name in ("byte", "tinyint", "short", "smallint", "integer", "int", "long", "bigint", "float", "double") or (
        name.startswith("decimal")
    )


def _is_legacy(tree: Tree) -> bool:
    return tree.evalMode().toString() == "LEGACY"


def _kind(tree: Tree) -> str:
    return tree.getClass().getSimpleName()


def _children(tree: Tree) -> list[Tree]:
    children = tree.children()
    return [children.apply(i) for i in range(children.size())]


def _jvm() -> Any:
    session = SparkSession.getActiveSession()
    assert session is not None
    return session._jvm


def _seq(trees: list[Tree]) -> Any:
    return _jvm().PythonUtils.toSeq(trees)


def _new(kind: str, *arguments: Any) -> Tree:
    return getattr(_jvm(), f"{_PACKAGE}.{kind}")(*arguments)


def _like(tree: Tree, *arguments: Any) -> Tree:
    """A node of the same class with other arguments."""
    return getattr(_jvm(), tree.getClass().getName())(*arguments)


def _column(tree: Tree) -> Column:
    return Column(_jvm().org.apache.spark.sql.Column(tree))


def _ansi() -> Any:
    return getattr(_jvm(), f"{_PACKAGE}.EvalMode").ANSI()


def _string() -> Any:
    return _jvm().org.apache.spark.sql.types.DataTypes.StringType


def _none() -> Any:
    return _jvm().scala.Option.apply(None)
