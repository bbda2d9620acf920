"""The contenders: each reads the same files and writes the same rows, as its users would write it."""
