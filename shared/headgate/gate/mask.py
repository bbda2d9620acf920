"""Masking: classified values leave the gate only as keyed hashes, remainders or nothing.

HMAC is RFC 2104 with SHA-256, over the UTF-8 text of the typed value, as 64 hexadecimal digits. The key travels inside
a pickled function and never as a literal, so that no plan, log or event file shows it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.contract.model import Column as Spec
from headgate.errors import RunFailed
from headgate.gate.shown import readable

REDACTED = "[redacted]"
Keys = Mapping[str, bytes]


def masked(value: Column, spec: Spec, keys: Keys) -> Column:
    """The value as it may be written: itself, or a string that hides it. Null stays null.

    Raises `RunFailed` when the domain has no key.
    """
    if spec.classification is None:
        return value
    if spec.mask == "redact":
        return F.when(value.isNotNull(), F.lit(REDACTED))
    text = readable(value) if spec.data_type.kind == "binary" else value.cast(T.StringType())
    if spec.mask == "partial":
        return _partial(text, spec.keep_last)
    return keyed_hash(text, key_of(keys, spec.classification))


def key_of(keys: Keys, domain: str) -> bytes:
    """The key of a classification domain; a missing key stops the run."""
    if domain not in keys:
        remedy = (
            "Add it to the lake's key file, or to the secret that the job reads (docs/SEMANTICS.md, Personal data)."
        )
        raise RunFailed(f"there is no masking key for the classification `{domain}`", remedy=remedy)
    return keys[domain]


def keyed_hash(text: Column, key: bytes) -> Column:
    """HMAC-SHA-256 of a string column; null stays null."""

    import pandas as pd  # only where something is masked: it takes a second and a half to load

    def digest(texts):
        return texts.map(lambda one: None if one is None else hmac.new(key, one.encode(), hashlib.sha256).hexdigest())

    digest.__annotations__ = {"texts": pd.Series, "return": pd.Series}
    return F.pandas_udf(digest, T.StringType())(text)  # type: ignore[call-overload]


def _partial(text: Column, keep_last: int) -> Column:
    """Stars for all but the last characters; a text that short is hidden whole."""
    hidden = F.greatest(F.length(text) - F.lit(keep_last), F.lit(0))
    shown = F.when(hidden > 0, F.substring(text, -keep_last, keep_last)).otherwise(F.lit(""))
    return F.when(text.isNotNull(), F.concat(F.repeat(F.lit("*"), 4), shown))
