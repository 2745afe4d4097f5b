"""How a person likes the lists of the house: dense or roomy, wide or narrow."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from eoffice.accounts.models import User
from eoffice.core.errors import Invalid

LIST_LEAST_PX: Final = 320
LIST_MOST_PX: Final = 640


@transaction.atomic
def choose_pages(*, user_id: int, has_dense_lists: bool | None = None, list_width_px: int | None = None) -> User:
    """Keep what a person chose for the own pages, on whatever device; None leaves a choice as it is.

    `list_width_px` is 320–640. No audit entry: nobody but the person sees a difference. Raises Invalid.
    """
    if list_width_px is not None and not LIST_LEAST_PX <= list_width_px <= LIST_MOST_PX:
        raise Invalid(f"Độ rộng danh sách từ {LIST_LEAST_PX} đến {LIST_MOST_PX} điểm ảnh.")
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if has_dense_lists is not None:
        user.has_dense_lists = has_dense_lists
    if list_width_px is not None:
        user.list_width_px = list_width_px
    user.save(update_fields=["has_dense_lists", "list_width_px"])
    return user
