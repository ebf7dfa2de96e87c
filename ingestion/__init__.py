"""Reads companies' files into raw tables. Knows DuckDB and files; knows nothing of Dagster, dbt or the settings file."""
