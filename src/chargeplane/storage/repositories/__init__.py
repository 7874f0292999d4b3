"""All queries, a file for each noun. Each is a function of a connection."""
