"""Spark's errors as one plain sentence, without codes and plans, and never cut within a word."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import SparkSession

from depth import at_depth
from headgate.spark.sentences import sentence, sentence_of

SAID = {
    "SELECT nosuch FROM values (1) t(a)": "there is no column `nosuch`",
    "SELECT nosuch(a) FROM values (1) t(a)": "there is no function `nosuch`",
    "SELECT * FROM nosuch": "there is no table `nosuch`",
    "SELECT abs(a) FROM values (date'2020-01-01') t(a)": "`abs(a)` needs a (`NUMERIC` or `INTERVAL DAY TO SECOND` or `INTERVAL YEAR TO MONTH`), and `a` is a `DATE`",  # noqa: E501
    "SELECT substring(a) FROM values ('x') t(a)": "`substring` takes 2, 3 arguments, not 1",
    "SELECT a, b FROM values (1, 2) t(a, a)": None,
    "SELECT 1 +": None,
    "SELECT a, sum(b) FROM values (1, 2) t(a, b)": None,
    "SELECT a.b FROM values (1) t(a)": "`a` has no fields: it is a `INT`",
    "SELECT CASE WHEN a THEN 1 END FROM values (1) t(a)": None,
    f"SELECT {'very_' * 80}long FROM values (1) t(a)": None,
}


@pytest.mark.parametrize("query", SAID)
def test_an_error_of_spark_is_one_sentence(spark: SparkSession, query: str) -> None:
    with pytest.raises((AnalysisException, ParseException)) as caught:
        spark.sql(query)
    said = sentence(caught.value)
    assert SAID[query] in (None, said)
    assert not any(noise in said for noise in ("[", "SQLSTATE", "\n", "line 1", "{"))
    assert said.endswith("…") or len(said) <= 300


WORDS = [
    "SELECT", "FROM", "t", "a", "b", "nosuch", "(", ")", ",", "1", "'x'", "abs", "sum", "+", "<", "CASE", "END", "IN",
    "WHERE", "GROUP BY", "a.b", "`a", "date'x'", "cast(a AS nosuch)", "explode(a)", "array(1, 'x')", "JOIN", "*",
]  # fmt: skip
PARTS = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)


@pytest.mark.deep
def test_no_error_of_a_random_query_has_codes_plans_or_half_a_word(spark: SparkSession) -> None:
    refused: list[str] = []

    @given(PARTS, PARTS, st.sampled_from(["", "x" * 400, "word " * 90]))
    @settings(max_examples=at_depth(400, 150), deadline=None, phases=[Phase.generate])
    def is_plain(selected: str, after: str, long: str) -> None:
        query = (
            f"SELECT a, {selected or 1} FROM values (1, 2) t(a, b) {after}{f' WHERE nosuch = {long!r}' if long else ''}"
        )
        try:
            spark.sql(query)
        except (AnalysisException, ParseException) as error:
            said = sentence(error)
            refused.append(said)
            noise = ("SQLSTATE", "\n", "line 1", "pos ", "_ERROR]", "MISMATCH", "+- ", "#", "Exception")
            assert said and not any(part in said for part in noise), (query, said)
            assert len(said) <= 302, said
            assert len(said) < 290 or said.endswith("…"), said

    is_plain()
    assert len(set(refused)) > 20


def test_javas_innermost_cause_is_told_without_its_class() -> None:
    error = RuntimeError(
        "An error occurred.\nCaused by: a.b.OuterException: outer\nCaused by: java.io.IOException: no way"
    )
    assert sentence(error) == "no way"


def test_of_a_text_with_a_traceback_and_a_plan_the_error_is_told() -> None:
    plan = "'Filter ('nosuch > 1)\n+- Project [id#0]\n   +- LogicalRDD [id#0], false\n"
    error = f"[UNRESOLVED_COLUMN] A column with name `nosuch` cannot be resolved.; line 1 pos 0;\n{plan}"
    traceback = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n'
    told = "A column with name `nosuch` cannot be resolved"
    assert sentence_of(error) == told
    assert sentence_of(f"{traceback}\n{traceback}pyspark.errors.AnalysisException: {error}") == told
    assert sentence_of(f"{traceback}\n") == "Traceback (most recent call last):"


def test_a_long_text_is_cut_between_words() -> None:
    words = " ".join(f"word{i}" for i in range(100))
    told = sentence_of(words)
    assert told.endswith(" …")
    assert len(told) <= 302
    assert words.startswith(told.removesuffix(" …"))
    assert words[len(told) - 2] == " "
