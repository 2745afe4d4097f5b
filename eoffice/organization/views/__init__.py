"""HTTP of the organization room, one module per use case."""
