"""Redshift: tables from contracts, exports of publications, the statements that load and verify them."""
