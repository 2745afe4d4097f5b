"""Input of the organization's pages, one module per use case."""
