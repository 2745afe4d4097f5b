"""What the administrator writes on the login page."""

from __future__ import annotations

from django import forms


class FrontDoorForm(forms.Form):
    name = forms.CharField(label="Tên cơ quan", max_length=200, error_messages={"required": "Nhập tên cơ quan."})
    logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="PNG, JPEG hoặc WebP đến 512 KB; nền trong suốt hợp cả giao diện tối.",
    )
    removes_logo = forms.BooleanField(label="Bỏ logo đang dùng", required=False)
    hotline = forms.CharField(label="Số hỗ trợ", max_length=40, required=False)
    hotline_note = forms.CharField(
        label="Ghi chú cho số hỗ trợ",
        max_length=100,
        required=False,
        help_text="Ví dụ: Miễn phí, 7:00–19:00.",
    )
    support_email = forms.EmailField(
        label="E-mail hỗ trợ", max_length=254, required=False, error_messages={"invalid": "E-mail chưa đúng dạng."}
    )
    support_contacts = forms.CharField(
        label="Đầu mối hỗ trợ khác",
        max_length=2000,
        required=False,
        widget=forms.Textarea,
        help_text="Mỗi dòng một đầu mối.",
    )


class NoticeForm(forms.Form):
    text = forms.CharField(
        label="Nội dung thông báo",
        max_length=400,
        widget=forms.Textarea,
        error_messages={"required": "Nhập nội dung thông báo."},
    )
    is_important = forms.BooleanField(label="Quan trọng: đưa lên đầu, chữ đậm", required=False)
    starts_at = forms.DateTimeField(
        label="Hiện từ",
        input_formats=["%d/%m/%Y %H:%M"],
        help_text="Ngày và giờ, ví dụ 24/11/2026 22:00.",
        error_messages={"required": "Nhập lúc bắt đầu.", "invalid": "Nhập ngày và giờ như 24/11/2026 22:00."},
    )
    ends_at = forms.DateTimeField(
        label="Hiện đến",
        input_formats=["%d/%m/%Y %H:%M"],
        help_text="Hết giờ này thông báo tự ẩn.",
        error_messages={"required": "Nhập lúc kết thúc.", "invalid": "Nhập ngày và giờ như 24/11/2026 23:30."},
    )
