"""Long work: files are opened here and values handed down; what was begun can be resumed."""
