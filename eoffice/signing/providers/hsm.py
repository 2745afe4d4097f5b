"""Keys in a server HSM, by PKCS#11: what it holds, and signing with a small pool of sessions.

The library is loaded once in each process, when first needed: it does not live through a fork. A session that was
lost is opened anew once. A PIN comes from whoever calls, and is kept no longer than the pool that needs it.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import pkcs11
from pkcs11 import exceptions as faults
from pkcs11.util.ec import encode_ecdsa_signature

POOL_SIZE: Final = 4
_IN_LIBRARY: Final = threading.RLock()
"""Held by whoever is inside the library. python-pkcs11 initialises it without its own locking (C_Initialize with no
arguments), so two threads in it at once may end the process; other processes sign at the same time."""
_Result = TypeVar("_Result")
_WAIT_S: Final = 20.0
_WRONG: Final = (faults.PinIncorrect, faults.PinInvalid, faults.PinLenRange)
_LOST: Final = (
    faults.SessionHandleInvalid,
    faults.SessionClosed,
    faults.DeviceError,
    faults.DeviceRemoved,
    faults.TokenNotPresent,
    faults.UserNotLoggedIn,
    faults.KeyHandleInvalid,
    faults.ObjectHandleInvalid,
    faults.GeneralError,
)
_NEEDED: Final = {"RSA_PKCS_PSS": "RSA-PSS", "SHA256_RSA_PKCS_PSS": "RSA-PSS SHA-256", "ECDSA": "ECDSA"}


class HsmUnusable(Exception):
    """The HSM, its library or its token cannot be used now; `words` says why."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


class HsmPinWrong(HsmUnusable):
    """The token refused the PIN: never to be sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSeen:
    """A slot with its token, as the library tells. `mechanisms` are those that sign papers."""

    slot: str
    label: str
    maker: str
    model: str
    serial: str
    is_locked: bool
    mechanisms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSeen:
    """A certificate on a token with a key to it. DER; `key_id` is CKA_ID, hex."""

    key_id: str
    certificate: bytes


@dataclass
class Hsm:
    """One PKCS#11 library of the machine."""

    module: Path
    _pools: dict[str, _Pool] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tokens(self) -> list[TokenSeen]:
        """Every slot with a token. Raises HsmUnusable."""
        return _told(lambda: [_seen(slot) for slot in self._library().get_slots(token_present=True)])

    def is_open(self, label: str, *, pin: str) -> bool:
        """Whether this process is logged in at a token with this very PIN."""
        pool = self._pools.get(label)
        return pool is not None and pool.is_open and pool.owner == os.getpid() and pool.pin == pin

    def certificates(self, label: str, *, pin: str) -> list[CertificateSeen]:
        """The certificates of a token that have a key beside them. Raises HsmUnusable, HsmPinWrong."""
        return self._with_session(label, pin, _certificates)

    def sign(self, label: str, *, key_id: str, pin: str, message: bytes, is_ec: bool) -> bytes:
        """ECDSA (DER) or PSS over SHA-256 of a message. Raises HsmUnusable, HsmPinWrong."""
        return self._with_session(
            label, pin, lambda session: _sign(session, bytes.fromhex(key_id), message, is_ec=is_ec)
        )

    def _with_session(self, label: str, pin: str, work: Callable[[_Session], _Result]) -> _Result:
        """Work with a session of the pool; where it was lost, with one of a new pool, once."""
        pool = self._pool(label, pin)
        try:
            return _told(lambda: pool.use(work), lost_too=False)
        except _LOST:
            self._forget(label, pool)
            fresh = self._pool(label, pin)
            return _told(lambda: fresh.use(work))
        except HsmPinWrong:
            self._forget(label, pool)
            raise

    def _pool(self, label: str, pin: str) -> _Pool:
        with self._lock:
            pool = self._pools.get(label)
            if pool is None or pool.owner != os.getpid() or pool.pin != pin:
                if pool is not None:
                    pool.close()
                token = _told(lambda: self._library().get_token(token_label=label))
                pool = self._pools[label] = _Pool(token, pin)
            return pool

    def _forget(self, label: str, pool: _Pool) -> None:
        """Let a pool go, unless somebody else has put a new one in its place already."""
        with self._lock:
            if self._pools.get(label) is pool:
                del self._pools[label]
        pool.close()

    def _library(self) -> Any:  # noqa: ANN401 - a library without types
        return pkcs11.lib(str(self.module))


class _Pool:
    """Logged-in sessions of one token; opened as they are needed, four at most."""

    def __init__(self, token: Any, pin: str) -> None:  # noqa: ANN401 - a library without types
        self.owner, self.pin, self._token = os.getpid(), pin, token
        self._free: queue.Queue[_Session] = queue.Queue()
        self._made = 0
        self._is_closed = False
        self._searching = threading.Lock()
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether the token has taken the PIN."""
        return self._made > 0

    def use(self, work: Callable[[_Session], _Result]) -> _Result:
        session = self._take()
        try:
            return work(session)
        finally:
            if self._is_closed or self.owner != os.getpid():
                session.end()
            else:
                self._free.put(session)

    def close(self) -> None:
        """End the sessions that nobody uses; who still uses one ends it himself. After a fork they are the parent's."""
        self._is_closed = True
        if self.owner != os.getpid():
            return
        while True:
            try:
                self._free.get_nowait().end()
            except queue.Empty:
                return

    def _take(self) -> _Session:
        try:
            return self._free.get_nowait()
        except queue.Empty:
            pass
        with self._lock:
            if self._made < POOL_SIZE:
                session = self._open()
                self._made += 1
                return session
        try:
            return self._free.get(timeout=_WAIT_S)
        except queue.Empty as error:
            raise HsmUnusable("HSM đang bận: mọi phiên đều đang ký. Chưa có gì được ký; ký lại sau ít giây.") from error

    def _open(self) -> _Session:
        try:
            return _Session(self._token.open(user_pin=self.pin), self._searching)
        except faults.UserAlreadyLoggedIn:
            # The first session of this process logged in for all.
            return _Session(self._token.open(), self._searching)


def _told(work: Callable[[], _Result], *, lost_too: bool = True) -> _Result:
    """Run alone in the library, and say what it refuses in words."""
    try:
        with _IN_LIBRARY:
            return work()
    except _WRONG as error:
        raise HsmPinWrong("Mã PIN của token không đúng; hệ thống đã dừng, không thử lại.") from error
    except faults.PinLocked as error:
        raise HsmPinWrong("Token đã khóa vì sai mã PIN nhiều lần. Mở khóa bằng công cụ của nhà sản xuất.") from error
    except faults.NoSuchToken as error:
        raise HsmUnusable("HSM không có token với nhãn này, hoặc token đã bị tháo.") from error
    except faults.NoSuchKey as error:
        raise HsmUnusable("Token không còn khóa này.") from error
    except faults.MechanismInvalid as error:
        raise HsmUnusable("Token không ký được bằng thuật toán cần dùng (RSA-PSS hoặc ECDSA với SHA-256).") from error
    except _LOST as error:
        if not lost_too:
            raise
        raise HsmUnusable("Mất liên lạc với HSM. Chưa có gì được ký; kiểm tra thiết bị rồi ký lại.") from error
    except (faults.PKCS11Error, OSError, RuntimeError) as error:
        raise HsmUnusable(f"HSM báo lỗi: {type(error).__name__}.") from error


def _seen(slot: Any) -> TokenSeen:  # noqa: ANN401 - a library without types
    token = slot.get_token()
    offered = {getattr(mechanism, "name", "") for mechanism in slot.get_mechanisms()}
    return TokenSeen(
        slot=str(slot.slot_id),
        label=_text(token.label),
        maker=_text(token.manufacturer_id),
        model=_text(token.model),
        serial=_text(token.serial),
        is_locked=bool(token.flags & pkcs11.TokenFlag.USER_PIN_LOCKED),
        mechanisms=tuple(words for name, words in _NEEDED.items() if name in offered),
    )


@dataclass
class _Session:
    """A logged-in session and the keys found in it. Libraries search less safely in parallel than they sign."""

    opened: Any
    searching: threading.Lock
    keys: dict[bytes, Any] = field(default_factory=dict)

    def find(self, wanted: Mapping[Any, Any]) -> list[Any]:
        with self.searching:
            return list(self.opened.get_objects(wanted))

    def key(self, key_id: bytes) -> Any:  # noqa: ANN401 - a library without types
        if key_id not in self.keys:
            with self.searching:
                self.keys[key_id] = self.opened.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=key_id)
        return self.keys[key_id]

    def end(self) -> None:
        try:
            with _IN_LIBRARY:
                self.opened.close()
        except faults.PKCS11Error:
            return  # lost already


def _certificates(session: _Session) -> list[CertificateSeen]:
    kind, name, value = pkcs11.Attribute.CLASS, pkcs11.Attribute.ID, pkcs11.Attribute.VALUE
    keys = {bytes(key[name]) for key in session.find({kind: pkcs11.ObjectClass.PRIVATE_KEY})}
    found = session.find({kind: pkcs11.ObjectClass.CERTIFICATE})
    pairs = [(bytes(each[name]), bytes(each[value])) for each in found]
    return [CertificateSeen(key_id=key_id.hex(), certificate=der) for key_id, der in pairs if key_id in keys]


def _sign(session: _Session, key_id: bytes, message: bytes, *, is_ec: bool) -> bytes:
    key = session.key(key_id)
    if is_ec:
        value = key.sign(hashlib.sha256(message).digest(), mechanism=pkcs11.Mechanism.ECDSA)
        return bytes(encode_ecdsa_signature(value))
    parameters = (pkcs11.Mechanism.SHA256, pkcs11.MGF.SHA256, 32)
    return bytes(key.sign(message, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS_PSS, mechanism_param=parameters))


def _text(value: object) -> str:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text.strip(" \0")


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmKey:
    """A key in the HSM, ready to sign: implements `engine.signing.RawSigner`."""

    certificate: bytes
    chain: tuple[bytes, ...]
    sign: Callable[[bytes], bytes] = field(repr=False)
    """Over SHA-256 of a message, as `Hsm.sign`."""

    def sign_raw(self, message: bytes) -> bytes:
        return self.sign(message)
