"""One module per file format; each turns a file into an `Incoming`, text columns with line numbers."""
