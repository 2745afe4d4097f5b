from __future__ import annotations

from django.urls import path

from eoffice.organization.views import (
    capacities,
    delegations,
    fields_of_work,
    lookup,
    powers,
    profile,
    rights,
    secretaries,
)

app_name = "organization"
_RIGHTS = "phan-quyen/"
_CHANGE = "phan-quyen/de-nghi/<int:change_id>/"
_CAPACITY = "tham-quyen-ky/<int:capacity_id>/"
_DELEGATION = "uy-quyen/<int:delegation_id>/"
urlpatterns = [
    path("chuc-danh/", lookup.choose_posting, name="choose_posting"),
    path("ho-so/", profile.profile, name="profile"),
    path("don-vi/", lookup.units, name="units"),
    path("don-vi/<int:unit_id>/", lookup.unit, name="unit"),
    path(_RIGHTS, rights.role_list, name="roles"),
    path(f"{_RIGHTS}giao-vai-tro/", rights.role_propose, name="role_propose"),
    path(f"{_RIGHTS}vai-tro/<int:grant_id>/thoi-giao/", rights.role_end, name="role_end"),
    path(f"{_RIGHTS}kiem-tra/", rights.mandate_list, name="mandates"),
    path(f"{_RIGHTS}kiem-tra/giao/", rights.mandate_propose, name="mandate_propose"),
    path(f"{_RIGHTS}kiem-tra/<int:mandate_id>/ket-thuc/", rights.mandate_end, name="mandate_end"),
    path(f"{_RIGHTS}de-nghi/", rights.change_list, name="right_changes"),
    path(f"{_RIGHTS}hai-nguoi/", rights.require_two_people, name="require_two_people"),
    path(_CHANGE, rights.right_change, name="right_change"),
    path(f"{_CHANGE}xac-nhan/", rights.confirm, name="right_change_confirm"),
    path(f"{_CHANGE}khong-xac-nhan/", rights.refuse, name="right_change_refuse"),
    path(f"{_CHANGE}rut/", rights.withdraw, name="right_change_withdraw"),
    path(f"{_CHANGE}thu-hoi-quyen-xem/", rights.sight_end, name="sight_end"),
    path("tham-quyen-ky/", capacities.capacity_list, name="capacities"),
    path("tham-quyen-ky/don-vi/<int:registry_id>/them/", capacities.capacity_create, name="capacity_create"),
    path("tham-quyen-ky/don-vi/<int:registry_id>/xem-truoc/", capacities.capacity_preview, name="capacity_preview"),
    path(_CAPACITY, capacities.capacity_change, name="capacity_change"),
    path(f"{_CAPACITY}ket-thuc/", capacities.capacity_end, name="capacity_end"),
    path("uy-quyen/", delegations.delegation_list, name="delegations"),
    path("uy-quyen/them/", delegations.delegation_give, name="delegation_give"),
    path("uy-quyen/lua-chon/", delegations.delegation_choices, name="delegation_choices"),
    path("uy-quyen/thoi/", delegations.leave_delegation, name="leave_delegation"),
    path(_DELEGATION, delegations.delegation, name="delegation"),
    path(f"{_DELEGATION}ket-thuc/", delegations.delegation_end, name="delegation_end"),
    path(f"{_DELEGATION}dung/", delegations.use_delegation, name="use_delegation"),
    path("thu-ky/", secretaries.secretary_list, name="secretaries"),
    path("thu-ky/chon/", secretaries.secretary_name, name="secretary_name"),
    path("thu-ky/de-nghi/", secretaries.secretary_propose, name="secretary_propose"),
    path("thu-ky/<int:service_id>/ket-thuc/", secretaries.secretary_end, name="secretary_end"),
    path("linh-vuc/", fields_of_work.field_list, name="fields_of_work"),
    path("linh-vuc/<int:field_id>/", fields_of_work.field_rename, name="field_rename"),
    path("linh-vuc/<int:field_id>/dong/", fields_of_work.field_close, name="field_close"),
    path("linh-vuc/<int:field_id>/mo-lai/", fields_of_work.field_reopen, name="field_reopen"),
    path("quyen-quan-tri/", powers.powers, name="powers"),
    path("quyen-quan-tri/ket-thuc/", powers.end_powers, name="end_powers"),
]
