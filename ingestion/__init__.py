"""Reads companies' files into raw tables. Knows DuckDB and files, not Dagster, dbt or the settings file."""
