"""Tables of specifications, funding programs and related catalogs."""
