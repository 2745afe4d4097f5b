"""HTTP of the documents room, one module per noun."""
