"""refine: read → gate → clean → publish, for the datasets named (all, when none is), then report.

The steps of one dataset are in headgate/refine/refine.py, in this order.
"""

from headgate import runtime


def main(argv: list[str]) -> int:
    """Run the job; the same script on Glue and on a laptop."""
    job = runtime.start(argv)
    datasets = job.datasets()
    result = job.run(datasets)
    job.report(result, datasets)
    return job.finish(result)


if __name__ == "__main__":
    runtime.end(main)
