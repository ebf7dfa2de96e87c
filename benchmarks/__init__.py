"""Performance, measured as ratios within one run on one machine: `make bench`. Nothing here is a test."""
