"""One module per file format. Each turns a file into an `Incoming`: text columns with line numbers, nothing cast yet."""
