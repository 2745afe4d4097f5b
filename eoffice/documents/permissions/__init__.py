"""Who may do what with documents, one module per noun."""
