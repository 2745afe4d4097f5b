"""What can go wrong with the audit trail."""

from __future__ import annotations


class OutsideTransaction(RuntimeError):
    """A command was recorded outside the transaction of its change: a bug of the caller."""
