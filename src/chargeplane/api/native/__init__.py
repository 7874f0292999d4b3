"""Our own HTTP API; `face` puts it together."""
