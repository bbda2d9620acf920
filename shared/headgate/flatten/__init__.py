"""JSON documents that arrive as events become Parquet files of texts: the same code in the Lambda and on a laptop.

The rules are those of `read` for JSON files. Where this room parses a record faster than `read`, it does so only for
records of which both must give the same texts; all others are read by the code of `read`. It needs neither Spark nor
pydantic: a `Plan` has what a contract says.
"""
