"""Every format of raw files that can be read, by its name in `source.format`. A new format is a line here."""

from __future__ import annotations

from collections.abc import Mapping

from headgate.read.csv_frame import csv_frame
from headgate.read.csv_look import csv_looker
from headgate.read.file_format import FileFormat
from headgate.read.json_frame import json_frame
from headgate.read.json_look import json_looker
from headgate.read.parquet_frame import parquet_frame, with_equal_types
from headgate.read.parquet_look import parquet_looker

FILE_FORMATS: Mapping[str, FileFormat] = {
    "csv": FileFormat(csv_looker, csv_frame),
    "json": FileFormat(json_looker, json_frame),
    "parquet": FileFormat(parquet_looker, parquet_frame, with_equal_types),
}
