"""A USB token on a person's computer: the page passes the hashes to the agent there and brings the values back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from eoffice.signing.providers.signer import Account, Answer, AnswerState, AskedField, OfferedCertificate, Order

_BROUGHT: Final = Answer(state=AnswerState.WAITING, is_brought=True)


class TokenSigner:
    """Implements `Signer`: nothing goes out from here, `services.take_token_values` takes what comes."""

    @property
    def can_ask_again(self) -> bool:
        return True

    @property
    def asks(self) -> tuple[AskedField, ...]:
        return ()

    def check(self, account: str) -> str:
        return "Token ở máy của người ký; máy chủ không hỏi được."

    def certificates(self, account: Account) -> list[OfferedCertificate]:
        return [OfferedCertificate(credential=account.credential, certificate=account.certificate)]

    def start(self, order: Order, *, now: datetime) -> Answer:
        return _BROUGHT

    def poll(self, order: Order, *, now: datetime) -> Answer:
        return _BROUGHT
