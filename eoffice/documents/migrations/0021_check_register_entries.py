"""Check the lines there are against the rule of the migration before, without holding writers up."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("documents", "0020_extracts_in_a_register")]

    operations = [ValidateConstraint(model_name="registerentry", name="documents_entry_of_one_document")]
