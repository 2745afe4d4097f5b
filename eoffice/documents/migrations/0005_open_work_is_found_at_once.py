from django.db import migrations, models

OPEN = ["waiting", "accepted", "in_progress", "passed_on", "reported"]


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_reminders")]

    operations = [
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("state__in", OPEN)),
                fields=["assigned_by", "role", "due_at"],
                name="documents_assignment_given",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("parent__isnull", False), ("state__in", OPEN)),
                fields=["parent"],
                name="documents_assignment_below",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("assigned_by__isnull", True), ("parent__isnull", True), ("state__in", OPEN)),
                fields=["incoming"],
                name="documents_assignment_by_rule",
            ),
        ),
    ]
