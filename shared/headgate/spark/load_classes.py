"""Make Spark load the classes that runs need, so that Java can archive them: `python load_classes.py FOLDER [--aws]`.

It reads and writes the formats of runs in a folder; with `--aws` it also calls an AWS that does not exist: only the
loaded classes count. It imports nothing of this repository.
"""

import contextlib
import sys

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as f

_NOBODY = "http://127.0.0.1:9"  # the port of `discard`, where nobody listens
_ICEBERG = "org.apache.iceberg.spark.SparkCatalog"
_SETTINGS = {
    "spark.master": "local[2]",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.lake": _ICEBERG,
    "spark.sql.catalog.lake.type": "hadoop",
}
_OF_AWS = {
    "spark.sql.catalog.glue": _ICEBERG,
    "spark.sql.catalog.glue.catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
    "spark.sql.catalog.glue.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    "spark.sql.catalog.glue.warehouse": "s3://nobody/warehouse",
    "spark.sql.catalog.glue.client.region": "eu-west-1",
    "spark.sql.catalog.glue.glue.endpoint": _NOBODY,
    "spark.sql.catalog.glue.s3.endpoint": _NOBODY,
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.s3a.access.key": "nobody",
    "spark.hadoop.fs.s3a.secret.key": "nothing",
    "spark.hadoop.fs.s3a.endpoint": _NOBODY,
    "spark.hadoop.fs.s3a.endpoint.region": "eu-west-1",
    "spark.hadoop.fs.s3a.attempts.maximum": "1",
    "spark.hadoop.fs.s3a.retry.limit": "1",
}


def main(folder: str, aws: bool) -> None:
    """Work in a folder, then call what does not exist."""
    builder = SparkSession.Builder().config("spark.sql.catalog.lake.warehouse", f"{folder}/warehouse")
    for name, setting in {
        **_SETTINGS,
        **(_OF_AWS if aws else {}),
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": f"file://{folder}",
    }.items():
        builder = builder.config(name, setting)
    spark = builder.getOrCreate()
    _formats(spark, folder)
    _tables(spark)
    attempts = (
        lambda: spark.read.csv("s3://nobody/files").count(),
        lambda: spark.sql("CREATE TABLE glue.nobody.nothing (id BIGINT) USING iceberg"),
        lambda: spark.table("glue.nobody.nothing").count(),
    )
    for attempt in attempts if aws else ():
        with contextlib.suppress(Exception):  # no answer comes
            attempt()
    spark.stop()


def _formats(spark: SparkSession, folder: str) -> None:
    numbers = spark.range(1000).select(
        "id",
        (f.col("id") % 7).alias("k"),
        f.concat(f.lit("n-"), f.col("id")).alias("name"),
        f.expr("timestamp_seconds(id * 1000)").alias("at"),
    )
    for kind in ("parquet", "csv", "json"):
        numbers.write.option("header", "true").mode("overwrite").format(kind).save(f"{folder}/{kind}")
        back = spark.read.option("header", "true").schema(numbers.schema).format(kind).load(f"{folder}/{kind}")
        newest = Window.partitionBy("k").orderBy(f.col("at").desc())
        ranked = back.withColumn("n", f.row_number().over(newest)).withColumn("file", f.input_file_name())
        ranked.where("n = 1").join(numbers.select("id", f.upper("name").alias("loud")), "id", "left").collect()
        back.groupBy("k").agg(f.count("*"), f.countDistinct("name"), f.max("at"), f.collect_set("name")).collect()
        back.select(
            f.regexp_replace("name", "-", ""), f.try_to_number("name", f.lit("999")), f.sha2("name", 256)
        ).collect()
    numbers.createOrReplaceTempView("numbers")
    spark.sql("SELECT k, COUNT(*), AVG(id) FROM numbers WHERE name RLIKE '^n' GROUP BY k HAVING COUNT(*) > 1").collect()
    spark.createDataFrame([("a", 1)], "name string, id int").union(spark.sql("SELECT 'b', 2")).toPandas()


def _tables(spark: SparkSession) -> None:
    spark.sql("CREATE TABLE lake.db.t (id BIGINT, k BIGINT, name STRING) USING iceberg PARTITIONED BY (k)")
    part = spark.table("numbers").select("id", "k", "name")
    part.writeTo("lake.db.t").append()
    part.where("id < 10").writeTo("lake.db.t").overwritePartitions()
    spark.sql("ALTER TABLE lake.db.t CREATE BRANCH audit")
    part.createOrReplaceTempView("part")
    spark.sql(
        "MERGE INTO lake.db.t AS t USING part AS p ON t.id = p.id "
        "WHEN MATCHED THEN UPDATE SET name = p.name WHEN NOT MATCHED THEN INSERT *"
    )
    spark.sql("SELECT COUNT(*), MAX(name) FROM lake.db.t VERSION AS OF 'audit'").collect()
    spark.sql("SELECT * FROM lake.db.t.snapshots").collect()
    spark.sql("ALTER TABLE lake.db.t ADD COLUMN more STRING")


if __name__ == "__main__":
    main(sys.argv[1], "--aws" in sys.argv[2:])
