"""Benchmarks: `make bench` measures refine against what people write instead, and writes docs/BENCHMARKS.md."""
