"""The assets, one module per layer: raw tables, models, the published copy."""
