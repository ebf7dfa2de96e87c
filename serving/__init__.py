"""Serving: makes the read copy of the checked marts and what readers use on it.

Reads a finished warehouse and writes below the serve folder. Loads nothing, computes no mart, knows no orchestrator.
"""
