"""build_mart: SQL over published tables → checks → audit → publish, for the marts named (all, when none is)."""

from headgate import runtime


def main(argv: list[str]) -> int:
    """Run the job; the same script on Glue and on a laptop."""
    job = runtime.start(argv)
    result = job.run(job.datasets(marts=True))
    return job.finish(result)


if __name__ == "__main__":
    runtime.end(main)
