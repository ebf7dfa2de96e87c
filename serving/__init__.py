"""Serving: makes the read copy of the checked marts and what readers use on it.

Reads a finished warehouse and writes below the serve folder. It loads nothing, computes no mart and knows no orchestrator.
"""
