"""`python -m rehearsal [--keep | --again | --down] …`: rehearse the whole lake on an emulated AWS."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from headgate.errors import HeadgateError
from headgate.spark.jars import cache_folder
from rehearsal.account import ACCOUNT, REGION
from rehearsal.aws.athena.trino_server import Aws, trino
from rehearsal.emulator import ADAPTERS, ROOT, Emulator, running_emulator
from rehearsal.processes import free_port
from rehearsal.walk.again import again, attach
from rehearsal.walk.deployed_lake import DeployedLake
from rehearsal.walk.kept_rehearsal import KeptRehearsal, must_be_free, take_down
from rehearsal.walk.memory import measured
from rehearsal.walk.page import write_page
from rehearsal.walk.progress import Progress
from rehearsal.walk.sign_in import administrator
from rehearsal.walk.walk import CLOCK, WAIT_SCALE, InputFiles, Walk

_ALL = (*ADAPTERS, "rehearsal.aws.athena.service")


def main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse and return the exit code. Every process that it started ends with it, also after Ctrl-C."""
    given = _parse(arguments)
    folder = cache_folder() / "rehearsal" / "now"
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if given.down:
            print("The rehearsal has ended." if take_down(folder / "kept.json") else "No rehearsal was up.")
        elif given.again:
            _again(folder)
        else:
            must_be_free(folder / "kept.json")
            rehearse(folder, InputFiles(given.source, given.answers), keep=given.keep, faults=not given.without_faults)
    except HeadgateError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Stopped. None of its processes is left running.", file=sys.stderr)
        return 130
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description="Rehearse the whole lake on this machine.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--keep", action="store_true", help="leave the rehearsal up, and print how to reach it")
    which.add_argument("--again", action="store_true", help="release and apply this checkout on the one that is up")
    which.add_argument("--down", action="store_true", help="end the one that was left up")
    parser.add_argument("--without-faults", action="store_true", help="skip the faults on purpose")
    parser.add_argument("--source", type=Path, help="your own files instead of the demo's: a folder per dataset")
    parser.add_argument("--answers", type=Path, help="known results for them: a JSON list of what, sql, result")
    return parser.parse_args(arguments)


def rehearse(folder: Path, files: InputFiles, *, keep: bool, faults: bool) -> None:
    """Walk from an empty account to an empty account, or to a lake that is kept."""
    shutil.rmtree(folder, ignore_errors=True)
    progress, port = Progress(), free_port()
    engine_folder = folder / "trino"
    engine_folder.mkdir(parents=True)
    more = {"trino": f"http://127.0.0.1:{port}", "clock": CLOCK}
    with (
        measured() as memory,
        running_emulator(folder, _ALL, more=more, keep=keep, wait_scale=WAIT_SCALE) as emulator,
        trino(Aws(emulator.endpoint, ACCOUNT, REGION), engine_folder, port, keep=keep) as engine,
    ):
        progress.print(f"emulated AWS: {emulator.endpoint}, account {ACCOUNT}, {REGION}")
        lake = DeployedLake.copy_of(ROOT, emulator).signed_in(administrator(emulator))
        walk = Walk(emulator, engine.wait, lake, progress, files)
        walk.all(keep=keep, faults=faults)
        if keep:
            up = KeptRehearsal(emulator.endpoint, [emulator.pid, engine.process.pid], str(folder))
            up.write(folder / "kept.json")
            _print_access(emulator)
    cost = {"seconds": progress.seconds, "memory": memory.most}
    progress.print(f"Report: {write_page(folder, progress.steps, walk.path, walk.reports, **cost)}")
    progress.print(f"The rehearsal succeeded. It used at most {memory.most / 2**30:.1f} GiB of memory.")


def _again(folder: Path) -> None:
    progress, begun = Progress(), time.time()
    walk = attach(folder, progress)
    again(walk)
    walk.check_permissions(walk.lake.outputs()["lake"]["name"], whole=False, since=begun)
    progress.print("The second pass succeeded; the lake is still up.")


def _print_access(emulator: Emulator) -> None:
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
    exports = (f"  export {name}={emulator.env({})[name]}" for name in names)
    print("The lake is up. For the AWS CLI:", *exports, sep="\n")
    print(f"Every call that it got: {emulator.calls}\nEnd it with `make rehearse-down`.")


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
