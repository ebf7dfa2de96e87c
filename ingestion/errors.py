"""The errors of ingestion. Each message is a sentence that says what is wrong, where, and what to do."""


class IngestionError(Exception):
    """Something a person can put right; its text is shown as it is."""


class ContractError(IngestionError):
    """A contract or mapping has a mistake; the text names the file and the line."""


class FileRefused(IngestionError):
    """A whole file cannot be loaded. It is moved aside with this text beside it; other files go on."""


class FileBusy(IngestionError):
    """A file is still being written. It stays in the inbox and is read by the next run."""
