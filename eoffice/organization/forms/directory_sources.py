"""What the administrator says about a directory."""

from __future__ import annotations

from typing import Any

from django import forms

from eoffice.accounts.doors.outgoing import is_acceptable
from eoffice.organization.importing.columns import Table, column
from eoffice.organization.importing.sources.ldap import DEFAULT_ATTRIBUTES
from eoffice.organization.models import DirectorySource, SourceKind
from eoffice.organization.services.directory_sources import SourceTerms

_TEXT = {"required": "Chưa ghi."}
_NUMBER = {"required": "Chưa ghi.", "invalid": "Ghi số.", "min_value": "Số nhỏ quá.", "max_value": "Số lớn quá."}


class SourceForm(forms.Form):
    """What every source has; the kinds add their own fields."""

    kind: SourceKind
    name = forms.CharField(label="Tên nguồn", max_length=100, error_messages=_TEXT)
    secret = forms.CharField(label="Mật khẩu, mã truy cập", max_length=2000, required=False, strip=False)
    default_position = forms.CharField(
        label="Chức vụ khi danh bạ không ghi", max_length=100, initial="Chuyên viên", error_messages=_TEXT
    )
    every_hours = forms.TypedChoiceField(
        label="Lịch đọc", coerce=int,
        choices=[(0, "Chỉ khi bấm nút"), (1, "Mỗi giờ"), (6, "Mỗi 6 giờ"), (24, "Mỗi ngày"), (168, "Mỗi tuần")],
    )  # fmt: skip
    ends_missing = forms.BooleanField(
        label="Người không còn trong danh bạ coi như đã nghỉ", required=False, initial=True
    )
    most_ended_percent = forms.IntegerField(
        label="Dừng khi số người nghỉ vượt quá (%)", min_value=0, max_value=100, initial=5, error_messages=_NUMBER
    )

    def settings(self) -> dict[str, Any]:
        raise NotImplementedError

    def terms(self) -> SourceTerms:
        cleaned = self.cleaned_data
        return SourceTerms(
            name=cleaned["name"],
            kind=self.kind,
            settings=self.settings(),
            secret=cleaned["secret"],
            ends_missing=cleaned["ends_missing"],
            most_ended_percent=cleaned["most_ended_percent"],
            every_hours=cleaned["every_hours"],
        )


class LdapSourceForm(SourceForm):
    kind = SourceKind.LDAP
    host = forms.CharField(label="Máy chủ", max_length=200, error_messages=_TEXT)
    port = forms.IntegerField(label="Cổng", min_value=1, max_value=65535, initial=636, error_messages=_NUMBER)
    security = forms.ChoiceField(
        label="Bảo mật", choices=[("ldaps", "LDAPS"), ("starttls", "StartTLS"), ("none", "Không (chỉ trong máy này)")]
    )
    ca_pem = forms.CharField(label="Chứng thư của nơi cấp (PEM)", widget=forms.Textarea, required=False)
    reader_dn = forms.CharField(label="Tài khoản đọc (DN)", max_length=300, error_messages=_TEXT)
    base_dn = forms.CharField(label="Gốc tìm kiếm", max_length=300, error_messages=_TEXT)
    person_filter = forms.CharField(
        label="Bộ lọc người", max_length=500, initial="(objectClass=inetOrgPerson)", error_messages=_TEXT
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own signature
        super().__init__(*args, **kwargs)
        for key, attribute in DEFAULT_ATTRIBUTES.items():
            self.fields[f"attribute_{key}"] = forms.CharField(
                label=f"Thuộc tính: {column(Table.PEOPLE, key).header}", max_length=100, initial=attribute,
                required=False,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("security") == "none" and cleaned.get("host") not in {"127.0.0.1", "localhost", "::1"}:
            self.add_error("security", "Mật khẩu sẽ đi qua mạng không mã hóa. Chọn LDAPS hoặc StartTLS.")
        return cleaned

    def settings(self) -> dict[str, Any]:
        names = ("host", "port", "security", "ca_pem", "reader_dn", "base_dn", "person_filter", "default_position")
        attributes = {key: self.cleaned_data[f"attribute_{key}"] for key in DEFAULT_ATTRIBUTES}
        return {name: self.cleaned_data[name] for name in names} | {
            "attributes": {key: name for key, name in attributes.items() if name}
        }


class ScimSourceForm(SourceForm):
    kind = SourceKind.SCIM
    base_url = forms.CharField(label="Địa chỉ SCIM", max_length=300, error_messages=_TEXT)
    person_filter = forms.CharField(label="Bộ lọc SCIM", max_length=500, required=False)

    def clean_base_url(self) -> str:
        url = str(self.cleaned_data["base_url"])
        if not is_acceptable(url):
            raise forms.ValidationError("Địa chỉ phải bắt đầu bằng https://.")
        return url

    def settings(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("base_url", "person_filter", "default_position")}


FORMS: dict[str, type[SourceForm]] = {"ldap": LdapSourceForm, "scim": ScimSourceForm}


def initial_of(source: DirectorySource) -> dict[str, Any]:
    """A source as its form shows it; the secret never leaves the server."""
    attributes = source.settings.get("attributes", {})
    return {
        **source.settings,
        **{f"attribute_{key}": attributes.get(key, "") for key in DEFAULT_ATTRIBUTES},
        "name": source.name,
        "ends_missing": source.ends_missing,
        "most_ended_percent": source.most_ended_percent,
        "every_hours": source.every_hours,
    }
