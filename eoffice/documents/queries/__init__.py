"""Reads of the documents room, one module per screen family."""
