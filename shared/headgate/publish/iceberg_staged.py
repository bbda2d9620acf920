"""A first or a rebuilt Iceberg table that no reader sees yet: a transaction of the catalog, committed at the end.

Its files lie where the table's files lie, in the table's layout and with its field ids, so that the commit is metadata
alone. Until then Spark reaches the table through Iceberg's cache of tables, as Iceberg's own procedures do with tables
that no catalog names.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from py4j.java_gateway import JavaMember
from py4j.protocol import STATIC_PREFIX, Py4JJavaError
from pyspark.sql import DataFrame, SparkSession

from headgate.contract.partitions import Transform, transform_of
from headgate.lake.catalog import CATALOG

STATE_UNKNOWN = "CommitStateUnknown"  # in the message of a commit that may have worked
_STAGED = "staged"  # a catalog of the session: the cached tables
_CACHED = "org.apache.iceberg.spark.SparkCachedTableCatalog"


class StagedTable:
    """One table from the beginning of its transaction to the commit."""

    def __init__(self, spark: SparkSession, name: str) -> None:
        self._spark, self._name = spark, name
        self._jvm: Any = spark._jvm
        self._snapshot: int | None = None
        self._files: list[str] = []  # of the table's metadata; the data files are in `_data`
        self._data: Any = ()

    def begin(
        self, rows: DataFrame, partition_by: Sequence[str], properties: Mapping[str, str], *, replace: bool
    ) -> None:
        """Begin the transaction: a table with the columns of `rows`, all of them optional, as of Spark's own CTAS."""
        session, frame = vars(self._spark)["_jsparkSession"], vars(rows)["_jdf"]
        catalog = session.sessionState().catalogManager().catalog(CATALOG)
        begin = catalog.stageReplace if replace else catalog.stageCreate
        owned = {**properties, "owner": self._jvm.org.apache.spark.util.Utils.getCurrentUserName()}
        columns, transforms = frame.schema().asNullable(), self._transforms(partition_by)
        self._transaction = begin(self._identifier(), columns, transforms, owned)
        self._table = self._transaction.table()

    def write(self, rows: DataFrame) -> DataFrame:
        """Write the rows as the table's files, and return them as a reader will see them."""
        key, cache = uuid.uuid4().hex, self._cache()
        self._spark.conf.set(f"spark.sql.catalog.{_STAGED}", _CACHED)
        cache.add(key, self._table)
        try:
            rows.writeTo(f"{_STAGED}.`{key}`").append()
            # The transaction's own table cannot be scanned; a table over the transaction's state can.
            written = self._jvm.org.apache.iceberg.BaseTable(self._table.operations(), self._name)
            self._remember(written.currentSnapshot())
            cache.add(key, written)
            return self._spark.table(f"{_STAGED}.`{key}`")
        finally:
            cache.remove(key)

    def show(self, properties: Mapping[str, str]) -> None:
        """Commit: table, rows and properties appear in one step."""
        change = self._table.updateProperties()
        for key, setting in properties.items():
            change.set(key, setting)
        change.commit()
        try:
            self._transaction.commitStagedChanges()
        except Py4JJavaError as error:
            if STATE_UNKNOWN in str(error):  # a reader may see the files
                self._files, self._data = [], ()
            raise

    def is_in(self, table: Any) -> bool:
        """True when a published table has what was staged."""
        return self._snapshot is not None and table.snapshot(self._snapshot) is not None

    def remove_files(self) -> None:
        """Remove what was written. Only of a transaction that was not committed."""
        files = self._table.io()
        for path in [*(data.location() for data in self._data), *self._files]:
            files.deleteFile(path)

    def _remember(self, snapshot: Any) -> None:
        files = self._table.io()
        self._snapshot, self._data = int(snapshot.snapshotId()), snapshot.addedDataFiles(files)
        manifests = [manifest.path() for manifest in snapshot.allManifests(files)]
        self._files = [*manifests, snapshot.manifestListLocation()]

    def _identifier(self) -> Any:
        _, *namespace, table = self._name.split(".")
        names = self._array(self._jvm.java.lang.String, namespace)
        return self._jvm.org.apache.spark.sql.connector.catalog.Identifier.of(names, table)

    def _transforms(self, partition_by: Sequence[str]) -> Any:
        parsed = [transform for text in partition_by if (transform := transform_of(text))]
        of = self._jvm.org.apache.spark.sql.connector.expressions.Transform
        return self._array(of, [self._transform(transform) for transform in parsed])

    def _transform(self, transform: Transform) -> Any:
        make = self._jvm.org.apache.spark.sql.connector.expressions.Expressions
        if transform.name == "bucket":
            return make.bucket(transform.number, self._array(self._jvm.java.lang.String, [transform.column]))
        if transform.name == "truncate":
            at = self._jvm.org.apache.spark.sql.connector.expressions.Expression
            return make.apply(
                "truncate", self._array(at, [make.literal(transform.number), make.column(transform.column)])
            )
        return getattr(make, transform.name or "identity")(transform.column)

    def _array(self, of: Any, values: Sequence[Any]) -> Any:
        array = self._gateway.new_array(of, len(values))
        for place, value in enumerate(values):
            array[place] = value
        return array

    def _cache(self) -> Any:
        # The class has two methods `get`, of which Py4J's look-up finds the one that is not static.
        at = f"{STATIC_PREFIX}org.apache.iceberg.spark.SparkTableCache"
        return JavaMember("get", None, at, self._gateway._gateway_client)()

    @property
    def _gateway(self) -> Any:
        return vars(self._spark)["_sc"]._gateway
