"""Everything believed, as data: files a curator can review, checked when loaded, compiled once."""
