"""Dagster: assets, checks, the daily job and its schedule. Wires the layers together; computes nothing itself."""
