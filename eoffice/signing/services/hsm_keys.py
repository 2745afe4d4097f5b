"""The HSM of the installation: its PIN sent with care, its keys opened for signing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db.models.functions import Now

from eoffice.core import locks
from eoffice.signing.engine.keeping import open_bytes
from eoffice.signing.engine.signing import RawSigner
from eoffice.signing.errors import HsmDown
from eoffice.signing.models import HsmToken, SigningKey
from eoffice.signing.providers.hsm import Hsm, HsmKey, HsmPinWrong, HsmUnusable
from eoffice.signing.services.authority import installation_secret

_Result = TypeVar("_Result")


def the_hsm() -> Hsm | None:
    """The HSM this process speaks to; None where the operator named no library."""
    module = settings.ENVIRONMENT.hsm_module
    return _loaded(module) if module is not None else None


def with_pin(label: str, work: Callable[[Hsm, str], _Result]) -> _Result:
    """Work at a token with the PIN of the operator's file, outside any transaction.

    A PIN that was refused once is never sent again, by no process: three wrong ones lock a token. Until a process is
    logged in, one at a time of the whole installation tries. Raises HsmDown.
    """
    hsm = the_hsm()
    if hsm is None:
        raise HsmDown("Máy chủ chưa khai thư viện HSM (EOFFICE_HSM_MODULE).")
    pin = _pin_of(label)
    try:
        if hsm.is_open(label, pin=pin):
            return work(hsm, pin)
        with locks.one_at_a_time([f"hsm:{label}"]):
            _require_untried(label, pin)
            return work(hsm, pin)
    except HsmPinWrong as error:
        HsmToken.objects.update_or_create(label=label, defaults={"refused_pin": _mark(pin), "refused_at": Now()})
        raise HsmDown(error.words) from error
    except HsmUnusable as error:
        raise HsmDown(error.words) from error


def open_hsm_key(key: SigningKey, *, pin: str) -> RawSigner:
    """Open a delegated key by its holder's PIN; the token itself is asked at the signature. Raises PinDoesNotOpen."""
    handle = json.loads(open_bytes(bytes(key.closed_key), pin=pin, secret=installation_secret(), context=key.context))
    certificate = bytes(key.certificate)
    is_ec = isinstance(x509.load_der_x509_certificate(certificate).public_key(), ec.EllipticCurvePublicKey)
    sign = partial(_sign, label=str(handle["token"]), key_id=str(handle["id"]), is_ec=is_ec)
    return HsmKey(certificate=certificate, chain=key.chain_der, sign=sign)


def _sign(message: bytes, *, label: str, key_id: str, is_ec: bool) -> bytes:
    return with_pin(label, lambda hsm, pin: hsm.sign(label, key_id=key_id, pin=pin, message=message, is_ec=is_ec))


def _require_untried(label: str, pin: str) -> None:
    refused = HsmToken.objects.filter(label=label).values_list("refused_pin", flat=True).first()
    if refused and hmac.compare_digest(refused, _mark(pin)):
        raise HsmPinWrong(
            "Token đã từ chối mã PIN trong tệp EOFFICE_HSM_PIN_FILE nên hệ thống không gửi lại, để token không bị khóa."
            " Sửa mã PIN trong tệp rồi kiểm tra lại."
        )


def _pin_of(label: str) -> str:
    path = settings.ENVIRONMENT.hsm_pin_file
    try:
        lines = path.read_text().splitlines() if path is not None else []
    except OSError as error:
        raise HsmDown("Máy chủ không đọc được tệp EOFFICE_HSM_PIN_FILE.") from error
    pins = dict(line.rpartition("=")[::2] for line in lines if "=" in line)
    if label not in pins:
        raise HsmDown(f"Tệp EOFFICE_HSM_PIN_FILE không có dòng cho token “{label}”.")
    return pins[label].strip()


def _mark(pin: str) -> str:
    return hmac.new(installation_secret().encode(), f"hsm-pin:{pin}".encode(), hashlib.sha256).hexdigest()


@cache
def _loaded(module: Path) -> Hsm:
    return Hsm(module)
