"""One person, top to bottom: what was seen, what it means, what is advised, what is not known."""
