"""What the page brings back from the signer's own computer: nothing goes out from the server, nothing is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from eoffice.signing.providers.signer import Account, Answer, AnswerState, AskedField, OfferedCertificate, Order

_BROUGHT: Final = Answer(state=AnswerState.WAITING, is_brought=True)


class BroughtByThePage:
    """Most of a `Signer` for a token's agent and for a program that signs whole files; each says what a check finds."""

    @property
    def can_ask_again(self) -> bool:
        return True

    @property
    def asks(self) -> tuple[AskedField, ...]:
        return ()

    def certificates(self, account: Account) -> list[OfferedCertificate]:
        if not account.certificate:
            return []
        return [OfferedCertificate(credential=account.credential, certificate=account.certificate)]

    def start(self, order: Order, *, now: datetime) -> Answer:
        return _BROUGHT

    def poll(self, order: Order, *, now: datetime) -> Answer:
        return _BROUGHT
