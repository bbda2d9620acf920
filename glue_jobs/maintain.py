"""maintain: compact and expire the tables named (all, when none is); or do one `--task` for one."""

from headgate import runtime


def main(argv: list[str]) -> int:
    """Run the job; the same script on Glue and on a laptop."""
    job = runtime.start(argv, runtime.UPKEEP)
    return job.upkeep()


if __name__ == "__main__":
    runtime.end(main)
