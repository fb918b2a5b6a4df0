"""Tables of saved searches and selection records."""
