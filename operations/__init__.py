"""Operations: what keeps a company's warehouse for years. Backup and restore; called by the command line."""
