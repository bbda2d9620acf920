"""The conditions of a statement, compared with what is known of a request.

Rules and their source: "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or
values" and "Variables and tags" in AWS's IAM user guide. An operator that is not here raises `NotImplementedError`:
nothing is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rehearsal.iam.policy import Conditions, matches

Values = Mapping[str, str | tuple[str, ...]]  # a request's condition keys, in lower case, one text or several

_VARIABLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Keys:
    """A request's condition keys. Whether one is there that is neither in `values` nor `known`, nobody knows."""

    values: Values = field(default_factory=dict)
    known: Callable[[str], bool] = lambda key: True

    def get(self, key: str) -> tuple[str, ...] | None:
        """The values of a key; None where the request has none."""
        value = self.values.get(key.lower())
        return (value,) if isinstance(value, str) else value

    def is_unknown(self, key: str) -> bool:
        """Whether nobody can tell if the request has the key."""
        return key.lower() not in self.values and not self.known(key.lower())


def fulfilled(conditions: Conditions, keys: Keys) -> tuple[bool | None, tuple[str, ...]]:
    """Whether every condition holds, and the conditions that nobody can tell; None where the answer hangs on those."""
    unknown = list[str]()
    for operator, wanted in conditions.items():
        for key, values in wanted.items():
            if keys.is_unknown(key):
                unknown.append(f"{operator} {key}")
            elif not _holds(operator, keys.get(key), [filled(value, keys) for value in values]):
                return False, ()
    return (None if unknown else True), tuple(unknown)


def filled(text: str, keys: Keys) -> str | None:
    """The text with its variables' values, or None where a variable has neither value nor default."""
    missing = list[str]()

    def value(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(",")
        if name in ("*", "?", "$"):
            raise NotImplementedError(f"the variable ${{{name}}}")
        known = keys.get(name.strip())
        if known is None and not default:
            missing.append(name)
        return known[0] if known else default.strip().strip("'")

    replaced = _VARIABLE.sub(value, text) if "${" in text else text
    return None if missing else replaced


def _holds(operator: str, values: tuple[str, ...] | None, wanted: Sequence[str | None]) -> bool:
    """Whether one condition holds. A wanted value is None where it has a variable without a value."""
    quantifier, _, plain = operator.rpartition(":")
    test = plain.removesuffix("IfExists")
    if test == "Null":
        return (values is None) == (wanted == ["true"])
    negated = "Not" in test
    compare = _TESTS.get(test.replace("Not", "", 1))
    if compare is None or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise NotImplementedError(f"the condition operator {operator}")
    if values is None:
        return quantifier == "ForAllValues" or plain != test or (negated and not quantifier)
    each = [any(text is not None and compare(text, value) for text in wanted) != negated for value in values]
    return any(each) if quantifier == "ForAnyValue" else all(each)


def _arn_like(pattern: str, value: str) -> bool:
    """`ArnEquals` and `ArnLike`, which are the same: each of the six parts of an ARN is compared for itself."""
    wanted, given = pattern.split(":", 5), value.split(":", 5)
    if pattern == "*":
        return True
    return len(wanted) == len(given) and all(matches(each, part) for each, part in zip(wanted, given, strict=True))


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda wanted, value: compare(float(value), float(wanted))


_TESTS: dict[str, Callable[[str, str], bool]] = {  # wanted, value
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": matches,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "NumericEquals": _number(float.__eq__),
    "NumericLessThan": _number(float.__lt__),
    "NumericLessThanEquals": _number(float.__le__),
    "NumericGreaterThan": _number(float.__gt__),
    "NumericGreaterThanEquals": _number(float.__ge__),
}
