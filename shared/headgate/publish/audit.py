"""Audit: Great Expectations itself judges the table-level checks, on data that no reader can see yet."""

from __future__ import annotations

import importlib
import logging
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from pyspark.sql import DataFrame

from headgate.checks.check import Check, CheckResult
from headgate.checks.suite import plain
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.spark.sentences import sentence_of

_ONE_AT_A_TIME = threading.Lock()  # a GX context is global to its process
_LOGGER = "great_expectations"


def audited(contract: Contract, batch: DataFrame, table: DataFrame) -> list[CheckResult]:
    """Judge this run's rows and the whole table as it would be published, each by the checks of its scope."""
    names = [column.name for column in contract.published]
    of_batch = [check for check in contract.table_checks if check.scope == "batch"]
    of_table = [check for check in contract.table_checks if check.scope == "table"]
    return [*audit(batch.select(*names), of_batch), *audit(table.select(*names), of_table)]


def load_ahead() -> None:
    """Start loading Great Expectations, which takes seconds, while Spark starts and reads; `audit` waits for it."""
    threading.Thread(target=_load, name="great-expectations", daemon=True).start()


def _load() -> None:
    with suppress(Exception):  # `audit` would raise it again
        importlib.import_module(_LOGGER)


def audit(frame: DataFrame, checks: Sequence[Check]) -> list[CheckResult]:
    """Great Expectations' result of each check on this frame, in the order of the checks.

    Great Expectations does not see Headgate's columns (a leading `_`), and is loaded only where there are checks. It
    reads the frame more than once and does not cache it: pass rows that are already written. A check that it drops,
    or that raises, fails the run (`RunFailed`): it has neither passed nor failed. `samples` are values of the frame,
    so masked columns are masked in them.
    """
    if not checks:
        return []
    judged = frame.select(*(f"`{name}`" for name in frame.columns if not name.startswith("_")))
    with _ONE_AT_A_TIME, _quiet():
        documents = _validate(judged, checks)
    return [_result(check, documents.get(str(i))) for i, check in enumerate(checks)]


def _validate(frame: DataFrame, checks: Sequence[Check]) -> dict[str, dict[str, Any]]:
    """GX's result of each check by the number it was given; GX itself puts them in another order."""
    import great_expectations as gx  # three seconds, and only where a contract has table-level checks
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)  # type: ignore[assignment]
    suite = gx.ExpectationSuite(name="audit")
    for i, check in enumerate(checks):
        suite.expectations.extend(_expectation(str(i), check))
    source = context.data_sources.add_spark("audit", persist=False)
    batch = source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("frame")
    validated = batch.get_batch({"dataframe": frame}).validate(suite, result_format="BASIC")
    documents = [result.to_json_dict() for result in validated.results]
    return {str(document["expectation_config"]["meta"]["check"]): document for document in documents}  # type: ignore[index]


def _expectation(number: str, check: Check) -> Iterator[Any]:
    """The expectation as GX builds it; GX leaves out a type that it does not know, with a log line only."""
    import great_expectations as gx

    kwargs = {**check.kwargs, **({} if check.mostly is None else {"mostly": check.mostly})}
    written = {"type": check.expect, "kwargs": kwargs, "meta": {"check": number}}
    try:
        yield from gx.ExpectationSuite(name="one", expectations=[written]).expectations
    except Exception as error:
        raise RunFailed(
            f"Great Expectations does not take `{check.expect}`: {_refused_arguments(error)}",
            where=f"check `{check.id}`",
            remedy="Fix its arguments in the contract; `headgate check` reads them as well.",
        ) from error


def _result(check: Check, document: Mapping[str, Any] | None) -> CheckResult:
    if document is None:
        what = f"Great Expectations dropped `{check.expect}` without judging it"
        raise RunFailed(what, where=f"check `{check.id}`", remedy="docs/CHECKS.md lists what it knows.")
    raised = _raised(document.get("exception_info") or {})
    if raised:
        what = f"`{check.expect}` could not be run: {raised}"
        raise RunFailed(what, where=f"check `{check.id}`", remedy="A check that cannot run stops the run.")
    details = plain(document["result"] or {})
    return CheckResult(
        check=check,
        success=bool(document["success"]),
        element_count=details.get("element_count"),
        missing_count=details.get("missing_count"),
        unexpected_count=details.get("unexpected_count"),
        observed_value=details.get("observed_value"),
        samples=tuple(details.get("partial_unexpected_list") or ()),
        details=details,
    )


def _raised(info: Mapping[str, Any]) -> str:
    """The message of the first exception; GX writes one record, or one for each metric that raised."""
    records = [info] if "raised_exception" in info else [each for each in info.values() if isinstance(each, Mapping)]
    messages = [
        sentence_of(str(each.get("exception_message") or "")) or "no message"
        for each in records
        if each.get("raised_exception")
    ]
    return messages[0] if messages else ""


def _refused_arguments(error: Exception) -> str:
    """The first argument that GX does not take, and why; its own text begins with a count."""
    errors: Any = getattr(error, "errors", list)
    first = next(iter(errors()), None)
    if first is None:
        return sentence_of(str(error)) or type(error).__name__
    return f"`{'.'.join(map(str, first['loc']))}`: {first['msg']}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence GX's own log lines and warnings: what matters comes back as results."""
    logger = logging.getLogger(_LOGGER)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
