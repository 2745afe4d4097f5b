"""One piece of work with one PKCS#11 library, as a program of its own: JSON on standard input, JSON lines on output.

Drivers of tokens hang and crash, see new tokens only after a start, and refuse two tokens in one process: so each piece
of work is a process, which the agent ends when its time is over.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import pkcs11
from pkcs11 import exceptions as faults

_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""RFC 8017, 9.2: what stands before a SHA-256 digest in a PKCS #1 v1.5 signature."""


def main() -> None:
    """Do what is asked and say so; a fault of the token is one line with its code."""
    asked = json.loads(sys.stdin.buffer.read())
    try:
        if asked["do"] == "list":
            _say({"tokens": _tokens(asked["module"])})
        else:
            _sign(asked)
            _say({"done": True})
    except (faults.PKCS11Error, OSError, RuntimeError) as error:
        _say({"fault": fault_of(error)})


def fault_of(error: Exception) -> str:
    """The agent's own code for what a library says."""
    if isinstance(error, faults.PinIncorrect | faults.PinInvalid | faults.PinLenRange):
        return "pin"
    if isinstance(error, faults.PinLocked):
        return "locked"
    gone = (
        faults.NoSuchToken, faults.TokenNotPresent, faults.DeviceRemoved, faults.SessionHandleInvalid,
        faults.SlotIDInvalid, faults.TokenNotRecognised, faults.ObjectHandleInvalid, faults.KeyHandleInvalid,
    )  # fmt: skip
    if isinstance(error, gone):
        return "gone"
    return "no_key" if isinstance(error, faults.NoSuchKey) else "driver"


def _tokens(module: str) -> list[dict[str, Any]]:
    found = []
    for slot in pkcs11.lib(module).get_slots(token_present=True):
        token = slot.get_token()
        label = _text(token.label)
        if not label:
            continue
        with token.open() as session:  # read only: some drivers ask for the PIN by themselves otherwise
            certificates = [
                {"id": bytes(each[pkcs11.Attribute.ID]).hex(), "certificate": _base64(each[pkcs11.Attribute.VALUE])}
                for each in session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE})
            ]
        found.append({"label": label, "serial": _text(token.serial), "certificates": certificates, **_pin_state(token)})
    return found


def _sign(asked: dict[str, Any]) -> None:
    token = _token(asked)
    if _pin_state(token)["locked"]:
        raise faults.PinLocked
    try:
        session = token.open(user_pin=asked["pin"])
    except faults.PinIncorrect as wrong:
        state = _pin_state(_token(asked))  # asked for anew: what it said before this try is over
        if state["locked"]:
            raise faults.PinLocked from wrong
        _say({"last_try": state["last_try"]})
        raise
    with session:
        key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=bytes.fromhex(asked["id"]))
        for paper in asked["papers"]:
            digest = base64.b64decode(paper["digest"])
            is_ec = key.key_type == pkcs11.KeyType.EC
            mechanism = pkcs11.Mechanism.ECDSA if is_ec else pkcs11.Mechanism.RSA_PKCS
            value = key.sign(digest if is_ec else _DIGEST_INFO + digest, mechanism=mechanism)
            _say({"doc_id": paper["doc_id"], "value": _base64(value)})


def _token(asked: dict[str, Any]) -> Any:  # noqa: ANN401 - the library has no types
    return pkcs11.lib(asked["module"]).get_token(token_label=asked["label"], token_serial=_bytes(asked["serial"]))


def _pin_state(token: Any) -> dict[str, bool]:  # noqa: ANN401 - the library has no types
    """What the token said of its PIN when it was last asked for: one wrong try is left, or none."""
    return {
        "last_try": bool(token.flags & pkcs11.TokenFlag.USER_PIN_FINAL_TRY),
        "locked": bool(token.flags & pkcs11.TokenFlag.USER_PIN_LOCKED),
    }


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _text(value: object) -> str:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text.strip(" \0")


def _bytes(text: str) -> bytes:
    return text.encode()


def _base64(value: object) -> str:
    return base64.b64encode(bytes(value)).decode()  # type: ignore[call-overload]  # bytes of the library's own kind


if __name__ == "__main__":
    main()
