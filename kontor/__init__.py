"""The settings of a company and the command line `kontor`."""
