"""What Dagster's web interface and daemon load: `dagster -m orchestration.definitions`. Importing it reads no file."""

import dagster as dg

from kontor.settings import load_settings
from orchestration.build import build_definitions


@dg.definitions
def definitions() -> dg.Definitions:
    """The definitions of the company whose settings file KONTOR_CONFIG names."""
    return build_definitions(load_settings())
