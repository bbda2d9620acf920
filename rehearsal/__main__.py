"""`python -m rehearsal [--keep | --again | --down] …`: the whole lake, for real, on an AWS of this machine."""

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
from rehearsal.aws.athena.trino_server import Aws, trino
from rehearsal.emulator import ACCOUNT, ADAPTERS, REGION, ROOT, Service, free_port, serving
from rehearsal.walk.again import again, attached
from rehearsal.walk.deployed_lake import Lake
from rehearsal.walk.kept_rehearsal import Kept, must_be_free, take_down
from rehearsal.walk.memory import measured
from rehearsal.walk.page import write_page
from rehearsal.walk.progress import Progress
from rehearsal.walk.walk import CLOCK, WAIT_SCALE, Files, Walk

_ALL = (*ADAPTERS, "rehearsal.aws.athena.service")


def main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse; returns the exit code. Whatever ends it (also Ctrl-C) ends every process of it."""
    asked = _asked(arguments)
    folder = cache_folder() / "rehearsal" / "now"
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if asked.down:
            print("It is down." if take_down(folder / "kept.json") else "None was up.")
        elif asked.again:
            _again(folder)
        else:
            must_be_free(folder / "kept.json")
            rehearse(folder, Files(asked.source, asked.answers), keep=asked.keep, faults=not asked.without_faults)
    except HeadgateError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Stopped. Nothing of it runs any more.", file=sys.stderr)
        return 130
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description="Rehearse the whole lake on this machine.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--keep", action="store_true", help="leave it up, and print where it is")
    which.add_argument("--again", action="store_true", help="release and apply what is here now on the one that is up")
    which.add_argument("--down", action="store_true", help="end the one that was left up")
    parser.add_argument("--without-faults", action="store_true", help="bring no faults about on purpose")
    parser.add_argument("--source", type=Path, help="files of one's own, a folder for each dataset")
    parser.add_argument("--answers", type=Path, help="what is known of them: a JSON list of what, sql, result")
    return parser.parse_args(arguments)


def rehearse(folder: Path, files: Files, *, keep: bool, faults: bool) -> None:
    """Walk from an empty account to an empty account, or to a lake that is kept."""
    shutil.rmtree(folder, ignore_errors=True)
    progress, port = Progress(), free_port()
    engine_folder = folder / "trino"
    engine_folder.mkdir(parents=True)
    more = {"trino": f"http://127.0.0.1:{port}", "clock": CLOCK}
    with (
        measured() as memory,
        serving(folder, _ALL, more=more, keep=keep, wait_scale=WAIT_SCALE) as service,
        trino(Aws(service.endpoint, ACCOUNT, REGION), engine_folder, port, keep=keep) as engine,
    ):
        progress.say(f"AWS of this machine: {service.endpoint}, account {ACCOUNT}, {REGION}")
        walk = Walk(service, engine.wait, Lake.of(ROOT, service), progress, files)
        walk.all(keep=keep, faults=faults)
        if keep:
            Kept(service.endpoint, [service.pid, engine.process.pid], str(folder)).write(folder / "kept.json")
            _tell(service)
    took = {"seconds": progress.seconds, "memory": memory.most}
    progress.say(f"The page of it all: {write_page(folder, progress.steps, walk.path, walk.reports, **took)}")
    progress.say(f"The rehearsal went well. It held {memory.most / 2**30:.1f} GiB of memory at most.")


def _again(folder: Path) -> None:
    progress, begun = Progress(), time.time()
    walk = attached(folder, progress)
    again(walk)
    walk.judge(walk.lake.outputs()["lake"]["name"], whole=False, since=begun)
    progress.say("It went well once more; the lake is still up.")


def _tell(service: Service) -> None:
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
    print("It is up. For the AWS CLI:", *(f"  export {name}={service.env({})[name]}" for name in names), sep="\n")
    print(f"What was asked of it: {service.calls}\nEnd it with `make rehearse-down`.")


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
