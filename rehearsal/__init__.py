"""The rehearsal: the real Terraform and the real jobs, run end to end on an AWS of this machine; `python -m rehearsal`.

The product never imports anything from here. `server` and the adapters run in the emulator's own Python; everything
else runs in the checkout's.
"""
