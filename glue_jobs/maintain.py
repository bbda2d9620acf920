"""maintain: compaction and expiry for the datasets and marts named (all, when none is); or rollback, hold, resume."""

from headgate import runtime


def main(argv: list[str]) -> int:
    """Run the job; the same script on Glue and on a laptop."""
    job = runtime.start(argv, runtime.CARE)
    return job.care(job.named())


if __name__ == "__main__":
    runtime.end(main)
