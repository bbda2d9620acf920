"""The guard of declared joins: which keys would multiply rows, and which rows have no match."""

from __future__ import annotations

from pyspark.sql import SparkSession

from headgate.mart.joins import several_rows, without_match
from tables import assert_table, table


def test_keys_with_several_rows_are_named_only_where_they_meet_the_other_side(spark: SparkSession) -> None:
    artists = table(spark, "artist string, name string", ("a", "x"), ("a", "y"), ("b", "z"), ("c", "1"), ("c", "2"))
    tracks = table(spark, "track int, artist string", (1, "a"), (2, "a"), (3, "b"))
    repeated = several_rows(artists, tracks, ["artist"])
    assert_table(repeated, "artist string, count bigint", ("a", 2))  # c repeats too, but no track joins it


def test_the_worst_keys_come_first(spark: SparkSession) -> None:
    side = table(spark, "k string", ("a",), ("a",), ("b",), ("b",), ("b",), ("c",), ("c",))
    repeated = several_rows(side, side, ["k"]).collect()
    assert [(row["k"], row["count"]) for row in repeated] == [("b", 3), ("a", 2), ("c", 2)]


def test_a_key_of_several_columns_repeats_only_as_a_whole(spark: SparkSession) -> None:
    side = table(spark, "album string, artist string", ("x", "a"), ("x", "b"), ("y", "a"), ("y", "a"))
    repeated = several_rows(side, side, ["album", "artist"])
    assert_table(repeated, "album string, artist string, count bigint", ("y", "a", 2))


def test_rows_without_a_match_are_those_that_a_left_join_leaves_empty(spark: SparkSession) -> None:
    tracks = table(spark, "track int, artist string", (1, "a"), (2, "b"), (3, None))
    artists = table(spark, "artist string", ("a",))
    missing = without_match(tracks, artists, ["artist"]).select("track")
    assert_table(missing, "track int", (2,), (3,))  # a null never has a match
