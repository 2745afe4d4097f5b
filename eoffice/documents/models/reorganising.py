"""Kinds of running work that a unit holds and its successor goes on with."""

from __future__ import annotations

from django.db import models


class UnitWork(models.TextChoices):
    """Loại việc chuyển sang đơn vị kế thừa, in the order in which they are moved."""

    LETTERS = "letters", "Văn bản đến đang xử lý"
    LINES = "lines", "Việc đơn vị đang giữ"
    OPINIONS = "opinions", "Ý kiến đơn vị được xin, chưa trả lời"
    DRAFTS = "drafts", "Dự thảo chưa phát hành"
    NUMBERED = "numbered", "Văn bản đã cấp số, chưa phát hành"
    STEPS = "steps", "Bước duyệt hỏi người của đơn vị"
    FLOWS = "flows", "Quy trình duyệt"
    RULES = "rules", "Quy tắc phân phối"
