"""Trino's archive: only what two connectors need is kept."""

from __future__ import annotations

import tarfile
from pathlib import Path

from rehearsal.aws.athena import trino_install


def test_of_the_archive_only_two_connectors_are_kept_and_shared_jars_come_along(tmp_path: Path) -> None:
    archive, origin = tmp_path / "t.tar.gz", tmp_path / "origin"
    origin.write_text("a jar")
    with tarfile.open(archive, "w:gz") as writer:
        writer.add(origin, "trino-server-476/plugin/kafka/shared.jar")
        for name, target in (("plugin/hive/shared.jar", "plugin/kafka"), ("lib/shared.jar", "plugin/kafka")):
            link = tarfile.TarInfo(f"trino-server-476/{name}")
            link.type, link.linkname = tarfile.LNKTYPE, f"trino-server-476/{target}/shared.jar"
            writer.addfile(link)
        writer.add(origin, "trino-server-476/plugin/iceberg/own.jar")
    trino_install.unpack(archive, tmp_path / "server")
    unpacked = {
        str(file.relative_to(tmp_path / "server")): file.read_text() for file in tmp_path.glob("server/**/*.jar")
    }
    assert unpacked == dict.fromkeys(("plugin/hive/shared.jar", "lib/shared.jar", "plugin/iceberg/own.jar"), "a jar")
