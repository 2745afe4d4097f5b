"""Names out of foreign files and certificates, as people read them and as a database may keep them."""

from __future__ import annotations

import unicodedata
from typing import Final

from asn1crypto import x509 as asn1_x509

_PARTS: Final = (
    "common_name", "organizational_unit_name", "organization_name", "locality_name", "state_or_province_name",
    "country_name",
)  # fmt: skip
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def shown(text: str) -> str:
    """A text without signs that no page and no database may hold (NUL, controls, halves): those stand as "·"."""
    return "".join("·" if unicodedata.category(sign) in _UNPRINTABLE else sign for sign in text)


def spoken(name: asn1_x509.Name) -> str:
    """A name in a certificate from the person upwards: "Trần Quốc Khánh, Văn phòng, Tập đoàn, Hà Nội, VN"."""
    values = name.native
    parts: list[str] = []
    for key in _PARTS:
        value = values.get(key)
        parts.extend(str(each) for each in (value if isinstance(value, list) else [value]) if each)
    return shown(", ".join(dict.fromkeys(parts)) or str(name.human_friendly))


def common(name: asn1_x509.Name) -> str:
    """The common name, else all of it."""
    value = name.native.get("common_name")
    first = value[0] if isinstance(value, list) and value else value
    return shown(str(first)) if first else spoken(name)
