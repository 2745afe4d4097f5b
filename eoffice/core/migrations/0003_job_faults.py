from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_messages_and_gateways"),
        ("procrastinate", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="JobFault",
            fields=[
                ("job_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("words", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "core_job_fault"},
        ),
        migrations.RunSQL(
            "ALTER TABLE core_job_fault ADD CONSTRAINT core_job_fault_of_job"
            " FOREIGN KEY (job_id) REFERENCES procrastinate_jobs (id) ON DELETE CASCADE",
            "ALTER TABLE core_job_fault DROP CONSTRAINT core_job_fault_of_job",
        ),
    ]
