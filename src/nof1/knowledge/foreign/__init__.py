"""Population models in the formats of other programs, read into the shape of nof1's own or refused with the reason."""
