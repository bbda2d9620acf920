"""Probe on a real account what no emulator shows: `make verify ENV=…` (docs/VERIFY.md)."""
