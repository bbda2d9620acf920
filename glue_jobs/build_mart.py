"""build_mart: SQL over published tables → gate → publish, for the marts named (all, when none is), then report.

The steps of one mart are in headgate/mart/build.py, in this order.
"""

from headgate import runtime


def main(argv: list[str]) -> int:
    """Run the job; the same script on Glue and on a laptop."""
    job = runtime.start(argv)
    marts = job.marts()
    result = job.run(marts)
    job.report(result, marts)
    return job.finish(result)


if __name__ == "__main__":
    runtime.end(main)
