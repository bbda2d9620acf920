"""Lambda functions: the emulator runs a function's zip, here in a Python that has only what AWS's runtime has."""
