"""The outside of the doors: what is said to providers, directories and mail servers, one module per kind.

Nothing here touches our tables and nothing here runs inside a transaction.
"""
