"""What only the real account can show, probed on it: `make verify ENV=…` (docs/VERIFY.md)."""
