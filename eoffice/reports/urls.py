from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.reports import views

app_name = "reports"
urlpatterns: list[URLPattern] = [
    path("", views.registers_home, name="registers"),
    path("books/<str:kind>/", views.book, name="book"),
    path("books/<str:kind>/print.pdf", views.book_pdf, name="book_pdf"),
    path("books/<str:kind>/book.xlsx", views.book_xlsx, name="book_xlsx"),
]
