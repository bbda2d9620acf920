"""Conditions over the columns: `delete_when`, and `skip_when`, which is asked of texts where a record has no values."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import cast

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.columns import CAME, FAULT, FAULTS
from headgate.contract.expressions import expression_columns
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.errors import Fault, UnusableContract
from headgate.gate.cast import cleaned
from headgate.gate.checked import checked, expression, tried, with_columns
from headgate.gate.shown import text_as_read

# The reader's fault of a record with too few or too many values, which are in their columns from the first on.
OTHER_WIDTH = r"^record: [0-9]+ values for [0-9]+ columns"


def skipped(frame: DataFrame, contract: Contract) -> Column:
    """True for the rows of a typed frame that `skip_when` names; never null."""
    if contract.skip_when is None:
        return F.lit(False)
    named = expression_columns(contract.skip_when)
    typed = is_true(frame, expression(contract.skip_when), contract, "skip_when")
    no_fault = F.size(FAULTS) == 0
    by_values = no_fault & ~_any_fault([spec for spec in contract.columns if spec.name in named]) & typed
    by_texts = _of_texts(frame, contract)
    if by_texts is None:
        return F.coalesce(by_values, F.lit(False))
    other_width = (F.size(FAULTS) == 1) & F.element_at(FAULTS, 1).rlike(OTHER_WIDTH)
    untyped = (no_fault & _any_fault(contract.columns)) | other_width
    return F.coalesce(by_values, F.lit(False)) | F.coalesce(F.when(untyped, by_texts), F.lit(False))


def _of_texts(frame: DataFrame, contract: Contract) -> Column | None:
    """The condition over the texts of the file; None where it cannot be asked of texts."""
    came = cast(T.StructType, frame.schema[CAME].dataType)
    texts = {
        spec.name: cleaned(text_as_read(spec, came), spec, contract.null_texts(spec)) for spec in contract.read_columns
    }
    try:
        return is_true(frame, with_columns(expression(contract.skip_when or "false"), texts), contract, "skip_when")
    except AnalysisException:
        return None


def is_true(frame: DataFrame, condition: Column, contract: Contract, key: str) -> Column:
    """True where the condition of this key is; not where it is unknown or fails."""
    whole = checked(frame, condition)
    kind = frame.select(whole.alias("value")).schema["value"].dataType
    if not isinstance(kind, T.BooleanType):
        problem = f"`{getattr(contract, key)}` is a {kind.simpleString()}, not a condition"
        raise UnusableContract([Fault(contract.file, key, problem, "Compare it with something: `amount = 0`.")])
    return F.coalesce(tried(whole).getField("value"), F.lit(False))


def _any_fault(specs: list[Spec] | tuple[Spec, ...]) -> Column:
    return reduce(or_, (F.col(FAULT + spec.name) for spec in specs), F.lit(False))
