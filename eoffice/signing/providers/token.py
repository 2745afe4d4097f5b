"""A USB token on a person's computer: the page passes the hashes to the agent there and brings the values back."""

from __future__ import annotations

from eoffice.signing.providers.brought import BroughtByThePage


class TokenSigner(BroughtByThePage):
    """Implements `Signer`: `services.take_token_values` takes what comes."""

    def check(self, account: str) -> str:
        return "Token ở máy của người ký; máy chủ không hỏi được."
