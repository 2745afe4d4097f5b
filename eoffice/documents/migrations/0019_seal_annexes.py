"""Separate annexes: how each goes out, and what was sealed of it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_job_faults'),
        ('documents', '0018_recalls_to_confirm'),
    ]

    operations = [
        migrations.AlterField(
            model_name='fileversion',
            name='purpose',
            field=models.CharField(choices=[('original', 'Bản gốc nhận được'), ('attachment', 'Tệp kèm theo'), ('draft', 'Dự thảo'), ('signing', 'Bản trình ký'), ('signed', 'Bản đã ký'), ('numbered', 'Bản đã cấp số'), ('sealed', 'Bản phát hành'), ('annex', 'Phụ lục đã ký số')], max_length=12),
        ),
        migrations.CreateModel(
            name='Annex',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('way', models.CharField(choices=[('sealed', 'Ký số trên chính tệp'), ('rendition', 'Ký số trên bản PDF, gửi kèm tệp gốc'), ('as_it_came', 'Gửi nguyên tệp, không ký')], max_length=12)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('corner', models.JSONField(default=dict)),
                ('field', models.CharField(blank=True, max_length=100)),
                ('attachment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='annex', to='documents.fileversion')),
                ('outgoing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='annexes', to='documents.outgoingdocument')),
                ('prepared', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                ('sealed', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.fileversion')),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
            ],
            options={
                'db_table': 'documents_annex',
                'constraints': [models.UniqueConstraint(fields=('outgoing', 'position'), name='documents_annex_position'), models.CheckConstraint(condition=models.Q(models.Q(('sealed__isnull', True), ('source__isnull', True), ('way', 'as_it_came'), models.Q(('reason', ''), _negated=True)), models.Q(('reason', ''), ('source__isnull', False), ('way__in', ['sealed', 'rendition'])), _connector='OR'), name='documents_annex_way_whole'), models.CheckConstraint(condition=models.Q(('sealed__isnull', True), ('prepared__isnull', False), _connector='OR'), name='documents_annex_sealed_whole')],
            },
        ),
    ]
