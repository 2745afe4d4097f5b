from __future__ import annotations

from django.conf import settings
from django.urls import path

from eoffice.web import administration, audit_trail, views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("huong-dan/", views.guide, name="guide"),
    path("huong-dan/<slug:chapter>/", views.guide_chapter, name="guide_chapter"),
    path("huong-dan/hinh/<slug:name>.png", views.guide_picture, name="guide_picture"),
    path("web/choices/", views.choices, name="choices"),
    path("web/counters/", views.counters, name="counters"),
    path("quan-tri/tac-vu/", administration.jobs, name="jobs"),
    path("quan-tri/tac-vu/<int:job_id>/chay-lai/", administration.run_job_again, name="run_job_again"),
    path("quan-tri/ma-tran-quyen/", administration.rights_matrix, name="rights_matrix"),
    path("quan-tri/nhat-ky/", audit_trail.audit_trail, name="audit"),
]
if settings.DEBUG or settings.ENVIRONMENT.demo:
    urlpatterns += [
        path("web/components/", views.components, name="components"),
        path("web/demo-progress/", views.demo_progress, name="demo_progress"),
        path("web/components/sample.pdf", views.sample_pdf, name="sample_pdf"),
    ]
