"""Input of keeping units and people."""

from __future__ import annotations

from django import forms

from eoffice.organization.models import Family, UnitKind
from eoffice.organization.services.keeping_units import UnitDetails

_DAY = {"required": "Ghi ngày.", "invalid": "Ghi ngày dạng dd/mm/yyyy."}
_TEXT = {"required": "Chưa ghi."}
_NUMBER = {"invalid": "Ghi số.", "required": "Chưa ghi.", "min_value": "Từ 0 trở lên.", "max_value": "Số lớn quá."}


class UnitForm(forms.Form):
    name = forms.CharField(label="Tên đơn vị", max_length=200, error_messages=_TEXT)
    short_name = forms.CharField(label="Tên ngắn", max_length=80, error_messages=_TEXT)
    symbol = forms.CharField(label="Viết tắt trong ký hiệu", max_length=30, error_messages=_TEXT)
    code = forms.CharField(label="Mã đơn vị", max_length=40, required=False)
    kind = forms.ChoiceField(label="Loại", choices=UnitKind.choices)
    family = forms.ChoiceField(label="Hệ thể thức", choices=Family.choices)
    has_registry = forms.BooleanField(label="Có văn thư, con dấu, sổ riêng", required=False)
    place = forms.CharField(label="Địa danh", max_length=60, required=False)
    address_line = forms.CharField(label="Dòng địa chỉ cuối trang", max_length=300, required=False)
    organ_id = forms.CharField(label="Mã định danh", max_length=35, required=False)
    position = forms.IntegerField(
        label="Thứ tự trong cùng cấp", min_value=0, max_value=32000, initial=0, error_messages=_NUMBER
    )

    mends_spelling = forms.BooleanField(label="Tên cũ chỉ gõ sai, không phải đổi tên", required=False)

    def details(self) -> UnitDetails:
        cleaned = {name: value for name, value in self.cleaned_data.items() if name != "mends_spelling"}
        return UnitDetails(**cleaned | {"kind": UnitKind(cleaned["kind"]), "family": Family(cleaned["family"])})


class PersonForm(forms.Form):
    full_name = forms.CharField(label="Họ và tên", max_length=100, error_messages=_TEXT)
    code = forms.CharField(label="Mã nhân viên", max_length=40, required=False)
    phone = forms.CharField(label="Điện thoại", max_length=40, required=False)


class PostForm(forms.Form):
    unit = forms.IntegerField(label="Đơn vị", error_messages={"required": "Chọn đơn vị.", "invalid": "Chọn đơn vị."})
    position_name = forms.CharField(label="Chức vụ", max_length=100, error_messages=_TEXT)
    rank = forms.IntegerField(label="Cấp bậc", min_value=0, max_value=99, initial=9, error_messages=_NUMBER)
    starts_on = forms.DateField(label="Từ ngày", error_messages=_DAY)
    ends_on = forms.DateField(label="Đến ngày", required=False, error_messages=_DAY)
    is_main = forms.BooleanField(label="Chức danh chính", required=False)


class NewPersonForm(PersonForm):
    email = forms.EmailField(
        label="E-mail đăng nhập", max_length=254, error_messages=_TEXT | {"invalid": "E-mail chưa đúng dạng."}
    )
    position_name = forms.CharField(label="Chức vụ", max_length=100, error_messages=_TEXT)
    rank = forms.IntegerField(label="Cấp bậc", min_value=0, max_value=99, initial=9, error_messages=_NUMBER)
    starts_on = forms.DateField(label="Từ ngày", error_messages=_DAY)
    field_order = ("full_name", "email", "phone", "code", "position_name", "rank", "starts_on")


class LastDayForm(forms.Form):
    last_day = forms.DateField(label="Ngày cuối", error_messages=_DAY)
