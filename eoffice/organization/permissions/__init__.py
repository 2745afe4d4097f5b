"""Who may do what with units, people and rights, one module per noun."""
