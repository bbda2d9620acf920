"""The probes in the order in which they run: later ones depend on earlier ones."""

from headgate.verify.probes import (
    arrival,
    closed_gate_columns,
    console_run,
    glue_trust,
    keys_and_logs,
    mart,
    masking,
    parquet_table,
    unaudited_rows,
    wheels,
)

PROBES = {
    module.PROBE.name: module.PROBE
    for module in (
        console_run,
        glue_trust,
        wheels,
        keys_and_logs,
        unaudited_rows,
        closed_gate_columns,
        arrival,
        mart,
        parquet_table,
        masking,
    )
}
