"""`python by_hand.py WAREHOUSE MANIFEST THREADS`: every model's compiled SQL in one DuckDB process, in the order of its
references; what dbt itself costs is what is missing here. Tables are made in schemas of their own and removed again."""

from __future__ import annotations

import json
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb


def main() -> None:
    """Build all models in schemas that end in `_by_hand`."""
    warehouse, manifest, threads = sys.argv[1:]
    nodes = json.loads(Path(manifest).read_text(encoding="utf-8"))["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    order = TopologicalSorter({key: set(node["depends_on"]["nodes"]) & models.keys() for key, node in models.items()})
    names = {node["relation_name"]: _by_hand(node) for node in models.values()}
    with duckdb.connect(warehouse) as con:
        con.execute(f"set threads = {threads}; set memory_limit = '2GB'; set TimeZone = 'UTC'")
        con.execute("set variable pseudonym_key = 'any'; set disabled_optimizers = 'compressed_materialization'")
        schemas = {node["schema"] for node in models.values()}
        for schema in schemas:
            con.execute(f"create or replace schema {schema}_by_hand")
        for key in order.static_order():
            node = models[key]
            sql = (Path(manifest).parent / "compiled" / "kontor" / node["original_file_path"]).read_text("utf-8")
            for name, ours in names.items():
                sql = sql.replace(name, ours)
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            con.execute(f"create {kind} {names[node['relation_name']]} as {sql}")
        for schema in schemas:
            con.execute(f"drop schema {schema}_by_hand cascade")


def _by_hand(node: dict) -> str:
    return f'"{node["schema"]}_by_hand"."{node["alias"]}"'


if __name__ == "__main__":
    main()
