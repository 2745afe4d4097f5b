"""The port every way of signing hangs on whose value comes later: remote services, tokens on a desk, HSMs.

The house prepares the file (`engine.deferred`), hands over hashes, and gets values back by document id. A signer never
sees a file, never opens a transaction, never retries by itself: each call asks once and says what was answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedCertificate:
    """A certificate somebody can sign with. DER; `chain` from the issuer upwards; `credential` names its key."""

    credential: str
    certificate: bytes
    chain: tuple[bytes, ...] = ()
    is_usable: bool = True
    words: str = ""
    """What the provider says of its state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HashToSign:
    """One paper of an order. `digest` is SHA-256; `doc_id` and `title` are what the person compares on both screens."""

    doc_id: str
    title: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose key: as the provider knows the person, which of his keys, and what it gave us for him (`secrets`)."""

    account: str
    credential: str = ""
    certificate: bytes = b""
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for. `reference` is ours and never used twice; `memory` is what the last answer told to keep."""

    reference: str
    account: Account
    description: str
    papers: tuple[HashToSign, ...]
    memory: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the person typed for this one order (`Signer.asks`); never kept."""


@dataclass(frozen=True, slots=True)
class AskedField:
    """Something the person types for each order: a password, a one-time code."""

    name: str
    label: str
    is_sent: bool = False
    """The service sends it to the person when he asks for it (`SendsCodes`)."""


class AnswerState(StrEnum):
    WAITING = "waiting"
    SIGNED = "signed"
    REFUSED = "refused"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a signer said. `values` are raw or CMS, by document id; one that is missing was not signed."""

    state: AnswerState
    values: Mapping[str, bytes] = field(default_factory=dict)
    words: str = ""
    """Vietnamese, for the person: why, and what to do."""
    memory: Mapping[str, str] | None = None
    """To be kept for the next question, encrypted; None leaves what is kept."""
    visit: str = ""
    """Where the person's browser must go to confirm."""
    ask_after_s: float | None = None
    """Do not ask again sooner; None leaves it to the house."""
    is_brought: bool = False
    """The values are brought to us (an agent's page posts them): nobody is to be asked."""


WAITING = Answer(state=AnswerState.WAITING)


class SignerDown(Exception):
    """The signer cannot be reached or is out of order: nothing is known of the order, ask again later."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


class SignerRefuses(Exception):
    """The signer answered that it will not do this, now or later; `words` is for the person or the administrator."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


@runtime_checkable
class SendsCodes(Protocol):
    """A signer that sends the person a code, or puts a question, before he signs."""

    def send_code(self, account: Account) -> str:
        """Have it sent; the question to answer, empty where it went elsewhere. Raises SignerDown, SignerRefuses."""
        ...


class Signer(Protocol):
    """Somebody who holds keys. Every call may be slow, may be killed half-way and runs outside transactions."""

    @property
    def can_ask_again(self) -> bool:
        """Whether `poll` with the order's own reference finds an order whose `start` was never answered."""
        ...

    @property
    def asks(self) -> tuple[AskedField, ...]:
        """What the person must type with each order; such an order is sent while he waits and never kept."""
        ...

    def check(self, account: str) -> str:
        """Reach the service and say what was seen, for the administrator; `account` is one it should know.

        Raises SignerDown, SignerRefuses.
        """
        ...

    def certificates(self, account: Account) -> list[OfferedCertificate]:
        """What this account can sign with. Raises SignerDown, SignerRefuses."""
        ...

    def start(self, order: Order, *, now: datetime) -> Answer:
        """Hand the hashes over. Raises SignerDown, SignerRefuses."""
        ...

    def poll(self, order: Order, *, now: datetime) -> Answer:
        """Ask what became of an order. Raises SignerDown; SignerRefuses ends the order as failed."""
        ...
