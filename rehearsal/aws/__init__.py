"""What runs inside the emulator: the adapters that make its calls real."""
