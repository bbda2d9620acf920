"""The probes in the order in which they run: later ones depend on earlier ones."""

from headgate.verify.probes import (
    alarm,
    analyst,
    arrival,
    closed_gate_columns,
    console_run,
    crawler,
    document,
    glue_trust,
    keys_and_logs,
    mart,
    masking,
    ordinary_role,
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
        crawler,
        alarm,
        analyst,
        ordinary_role,
        document,
    )
}
