import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models


def keep_pictures_in_use(apps, schema_editor):
    """Each person's picture becomes version 1, in use."""
    mark_image = apps.get_model("signing", "MarkImage")
    for old in apps.get_model("signing", "SignatureImage").objects.iterator():
        mark_image.objects.create(
            purpose="person",
            person_id=old.person_id,
            number=1,
            png=old.png,
            state="in_use",
            uploaded_by_id=old.person_id,
            uploaded_at=old.changed_at,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('organization', '0001_units_posts_and_rights'),
        ('signing', '0002_count_public_checks'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImageRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signatures_wait', models.BooleanField(default=False)),
                ('smallest_seal_mm', models.DecimalField(decimal_places=1, default=Decimal('20'), max_digits=4)),
                ('largest_seal_mm', models.DecimalField(decimal_places=1, default=Decimal('42'), max_digits=4)),
            ],
            options={
                'db_table': 'signing_image_rules',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='signing_image_rules_one_row'), models.CheckConstraint(condition=models.Q(('largest_seal_mm__lte', 60), ('smallest_seal_mm__gte', 10), ('smallest_seal_mm__lte', models.F('largest_seal_mm'))), name='signing_image_rules_range')],
            },
        ),
        migrations.CreateModel(
            name='MarkImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('person', 'Chữ ký cá nhân'), ('seal', 'Chữ ký cơ quan, tổ chức')], max_length=8)),
                ('number', models.PositiveIntegerField()),
                ('png', models.BinaryField()),
                ('clear_percent', models.PositiveSmallIntegerField(null=True)),
                ('colour_percent', models.PositiveSmallIntegerField(null=True)),
                ('diameter_mm', models.DecimalField(decimal_places=1, max_digits=4, null=True)),
                ('state', models.CharField(choices=[('waiting', 'Chờ xác nhận'), ('in_use', 'Đang dùng'), ('replaced', 'Đã thay'), ('refused', 'Không được xác nhận')], max_length=8)),
                ('uploaded_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('refusal', models.CharField(blank=True, max_length=500)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.person')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.person')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.unit')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.person')),
            ],
            options={
                'db_table': 'signing_mark_image',
            },
        ),
        migrations.RunPython(keep_pictures_in_use, migrations.RunPython.noop),
        migrations.DeleteModel(name='SignatureImage'),
        migrations.AddConstraint(
            model_name='markimage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('diameter_mm__isnull', True), ('person__isnull', False), ('purpose', 'person'), ('unit__isnull', True)), models.Q(('diameter_mm__isnull', False), ('person__isnull', True), ('purpose', 'seal'), ('unit__isnull', False)), _connector='OR'), name='signing_mark_image_one_owner'),
        ),
        migrations.AddConstraint(
            model_name='markimage',
            constraint=models.UniqueConstraint(condition=models.Q(('person__isnull', False)), fields=('person', 'number'), name='signing_mark_image_of_person'),
        ),
        migrations.AddConstraint(
            model_name='markimage',
            constraint=models.UniqueConstraint(condition=models.Q(('unit__isnull', False)), fields=('unit', 'number'), name='signing_mark_image_of_unit'),
        ),
        migrations.AddConstraint(
            model_name='markimage',
            constraint=models.UniqueConstraint(condition=models.Q(('person__isnull', False), ('state__in', ['waiting', 'in_use'])), fields=('person', 'state'), name='signing_mark_image_person_once'),
        ),
        migrations.AddConstraint(
            model_name='markimage',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'in_use']), ('unit__isnull', False)), fields=('unit', 'state'), name='signing_mark_image_unit_once'),
        ),
        migrations.AddConstraint(
            model_name='markimage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('purpose', 'seal'), ('state', 'in_use'), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('uploaded_by')), _negated=True)), _connector='OR'), name='signing_mark_image_seal_by_two'),
        ),
    ]
