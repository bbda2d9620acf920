"""Errors of Spark as one plain sentence: its own have codes, plans and quotes, and are cut where they are long."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyspark.errors import PySparkException

# By the beginning of Spark's error class: the sentence, with the parameters of Spark's message.
_SENTENCES = {
    "UNRESOLVED_COLUMN": "there is no column {objectName}",
    "UNRESOLVED_MAP_KEY": "there is no column {objectName}",
    "UNRESOLVED_FIELD": "`{columnPath}` has no field {fieldName}",
    "INVALID_EXTRACT_BASE_FIELD_TYPE": "{base} has no fields: it is a {other}",
    "FIELD_NOT_FOUND": "there is no field {fieldName}; its fields are {fields}",
    "UNRESOLVED_ROUTINE": "there is no function {routineName}",
    "TABLE_OR_VIEW_NOT_FOUND": "there is no table {relationName}",
    "AMBIGUOUS_REFERENCE": "{name} may be one of {referenceNames}; write which",
    "COLUMN_ALREADY_EXISTS": "the column {columnName} occurs twice",
    "WRONG_NUM_ARGS": "{functionName} takes {expectedNum} arguments, not {actualNum}",
    "MISSING_AGGREGATION": "{expression} is neither aggregated nor in GROUP BY",
    "MISSING_GROUP_BY": "columns and aggregates are selected together without GROUP BY",
    "UNRESOLVED_GROUP_BY": "GROUP BY names something that is not selected",
    "PARSE_SYNTAX_ERROR": "the SQL cannot be read near {error}",
    "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE": "{sqlExpr} needs a {requiredType}, and {inputSql} is a {inputType}",
    "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES": "{sqlExpr} compares or joins a {left} and a {right}",
    "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE": "{sqlExpr} needs a {inputType}, not a {actualDataType}",
    "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION": "a {srcType} cannot be cast to a {targetType}",
    "DATATYPE_MISMATCH.DATA_DIFF_TYPES": "{sqlExpr} mixes the types {dataType}",
    "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN": "{filter} is not a condition",
    "DATATYPE_MISMATCH": "{sqlExpr} has arguments of types that it does not take",
    "NUM_COLUMNS_MISMATCH": "{operator} needs tables with equal numbers of columns",
    "INCOMPATIBLE_COLUMN_TYPE": "{operator} needs tables with equal types; column {columnOrdinalNumber} differs",
    "ARITHMETIC_OVERFLOW": "a number is too great for its type",
    "CAST_OVERFLOW": "the number {value} is too great for {targetType}",
    "NUMERIC_VALUE_OUT_OF_RANGE": "the number {value} is too great for its type",
    "NUMERIC_OUT_OF_SUPPORTED_RANGE": "the number {value} is too great for its type",
    "CAST_INVALID_INPUT": "{expression} is not a value of {targetType}",
    "DIVIDE_BY_ZERO": "a number is divided by zero",
}
_LONGEST = 300
_NOISE = (
    r"^\[[A-Z0-9_.]+\] ?",  # Spark's code
    r"\s*SQLSTATE: ?\w+",
    r"[;.]?\s*line \d+,? pos \d+.*$",
    r"^(?:[\w$]+\.)+[\w$]*(?:Exception|Error): ",  # Java's class
    r"\s*If necessary set \S+ to \S+ to bypass this error\.?",
)


def sentence(error: BaseException) -> str:
    """What went wrong, as one sentence: the innermost cause, without Spark's codes and plans."""
    parameters: Mapping[str, str] = {}
    name = ""
    if isinstance(error, PySparkException):
        name, parameters = error.getErrorClass() or "", error.getMessageParameters() or {}
    for known in sorted(_SENTENCES, key=len, reverse=True):
        if name.startswith(known):
            try:
                return _cut(_plain(_SENTENCES[known].format_map(parameters)))
            except KeyError:
                break
    return sentence_of(str(error)) or type(error).__name__


def sentence_of(text: str) -> str:
    """The same of an error that is there as a text only, perhaps with a traceback or with a plan behind it."""
    return _cut(_without_noise(_telling_line(text)))


def _plain(text: str) -> str:
    """Spark's quotes as ours, and its lists without brackets."""
    return re.sub(r'"([^"]*)"', r"`\1`", re.sub(r"[\[\]]", "", text)).replace("`.`", ".")


def _telling_line(text: str) -> str:
    causes = re.findall(r"Caused by: (.+)", text)
    lines = [line.strip() for line in _behind_frames(text.splitlines()) if line.strip()]
    return causes[-1] if causes else lines[0] if lines else ""


def _behind_frames(lines: list[str]) -> list[str]:
    """The lines of the error itself, where Python's tracebacks are before it."""
    at = max((i for i, line in enumerate(lines) if line.startswith("Traceback (most recent")), default=None)
    if at is None:
        return lines
    return lines[next((i for i in range(at + 1, len(lines)) if lines[i].strip() and lines[i][0] != " "), at) :]


def _without_noise(line: str) -> str:
    for noise in (*_NOISE, *_NOISE[:1]):  # the code is before the class, or behind it
        line = re.sub(noise, "", line)
    return line.strip(" .")


def _cut(text: str) -> str:
    """A text of bearable length, whole words only."""
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + " …"
