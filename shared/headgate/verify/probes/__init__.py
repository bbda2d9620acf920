"""The probes, in the order in which they run: what a later one stands on comes first."""

from headgate.verify.probes import arrival, closed_gate_columns, console_run, keys_and_logs, unaudited_rows, wheels

PROBES = {
    one.PROBE.name: one.PROBE
    for one in (console_run, wheels, keys_and_logs, unaudited_rows, closed_gate_columns, arrival)
}
