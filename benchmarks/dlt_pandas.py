"""dlt's pandas road for the sales lines, run in dlt's own environment: dlt_pandas.py FILE FOLDER."""

import sys

import dlt
import pandas as pd

path, folder = sys.argv[1:3]


@dlt.resource(name="sales_lines", write_disposition="append")
def lines():
    """Chunks of typed rows."""
    yield from pd.read_csv(
        path, sep=";", decimal=",", thousands=".", parse_dates=["Belegdatum"], dayfirst=True, chunksize=100_000
    )


pipeline = dlt.pipeline(
    "bench", pipelines_dir=folder, destination=dlt.destinations.duckdb(f"{folder}/bench.duckdb"), dataset_name="raw"
)
pipeline.run(lines())
