"""`python -m headgate.demo [--source FOLDER] [--folder .demo] [--contracts contracts]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from headgate import stopping
from headgate.errors import HeadgateError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit code. A user's mistake gives a message, not a stack trace."""
    parser = argparse.ArgumentParser(prog="python -m headgate.demo", description="Run the music demo from end to end.")
    parser.add_argument("--source", type=Path, help="your own raw files, instead of a made-up catalogue")
    parser.add_argument(
        "--folder", type=Path, default=Path(".demo"), help="where the files, the lake and the reports are written"
    )
    parser.add_argument("--contracts", type=Path, default=Path("contracts"), help="the folder of the contracts")
    options = parser.parse_args(arguments)
    stopping.handle_ctrl_c()
    try:
        from headgate.demo.session import demo, demo_on

        if options.source is not None:
            return demo_on(Console(), options.contracts, options.source, options.folder)
        return demo(Console(), options.contracts, options.folder)
    except HeadgateError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), markup=False)
        return error.exit_code
    except KeyboardInterrupt:
        print(stopping.MESSAGE, file=sys.stderr)
        return stopping.STOPPED


if __name__ == "__main__":
    sys.exit(main())
