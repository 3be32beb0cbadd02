"""The command line: ``weakspot``. Each module is one command or family; it parses, calls a use case and prints."""
