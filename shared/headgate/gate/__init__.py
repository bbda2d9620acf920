"""The gate: type, judge and mask every row, and keep the refused ones with their reasons."""
