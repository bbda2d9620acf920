"""Redshift on PostgreSQL: the Data API's calls, COPY by Redshift's rules, and SQL translated from Redshift's."""
