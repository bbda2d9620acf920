"""The jars of a job's Spark, fetched once, by hash: its S3 connector (a laptop's Spark has none), and Iceberg."""

from __future__ import annotations

from pathlib import Path

from headgate.spark.jars import Jar, cached, jar

_S3A = (
    Jar(
        "org.apache.hadoop",
        "hadoop-aws",
        "3.3.4",
        "53f9ae03c681a30a50aa17524bd9790ab596b28481858e54efd989a826ed3a4a",
    ),
    Jar(
        "com.amazonaws",
        "aws-java-sdk-bundle",
        "1.12.262",
        "873fe7cf495126619997bec21c44de5d992544aea7e632fdc77adb1a0915bae5",
    ),
    Jar(
        "org.wildfly.openssl",
        "wildfly-openssl",
        "1.0.7.Final",
        "9f7058778978ec2ad90c7224401a4b0013d93e0dd3fa0f72b25244ffa3507ca8",
    ),
)


def s3a_jars() -> list[Path]:
    """The jars of every job's Spark."""
    return [cached(each) for each in _S3A]


def format_jars() -> dict[str, list[Path]]:
    """The further jars for each value of `--datalake-formats`; of Glue's formats the rehearsal has only Iceberg."""
    return {"iceberg": [jar("iceberg-spark-runtime"), jar("iceberg-aws-bundle")]}
