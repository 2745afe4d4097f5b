"""Commands of the documents room, one module per use case."""
