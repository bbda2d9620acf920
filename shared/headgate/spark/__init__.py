"""Spark on a laptop: the session, its jars and its Java; and Spark's errors in plain words."""
