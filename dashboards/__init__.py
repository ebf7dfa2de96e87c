"""The dashboards: pages for people over the published copy, and the weekly report made from the same figures.

Reads the copy through serving/, and nothing else. Shows what marts and metrics hold; a formula that the metrics define
is asked for there. Each page is a module in topics/; what pages share has a module of its own here.
"""
