
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0001_notifications'),
        ('organization', '0001_units_posts_and_rights'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on', models.BooleanField(default=False)),
                ('tells_titles', models.BooleanField(default=True)),
                ('defaults', models.JSONField(default=dict)),
                ('digest_hour', models.PositiveSmallIntegerField(default=7)),
            ],
            options={
                'db_table': 'notifications_mail_rules',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='notifications_mail_rules_one_row'), models.CheckConstraint(condition=models.Q(('digest_hour__lte', 23)), name='notifications_mail_rules_hour')],
            },
        ),
        migrations.CreateModel(
            name='MailSchedule',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='organization.person')),
                ('digest_hour', models.PositiveSmallIntegerField(null=True)),
                ('quiet_from', models.PositiveSmallIntegerField(null=True)),
                ('quiet_until', models.PositiveSmallIntegerField(null=True)),
                ('dead_address', models.CharField(blank=True, max_length=254)),
                ('dead_since', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'notifications_mail_schedule',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_until__isnull', True)), models.Q(('quiet_from__lte', 23), ('quiet_until__lte', 23)), _connector='OR'), name='notifications_mail_schedule_quiet')],
            },
        ),
        migrations.CreateModel(
            name='MailChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=16)),
                ('mode', models.CharField(choices=[('at_once', 'Gửi ngay'), ('daily', 'Gộp một thư mỗi ngày'), ('off', 'Không gửi thư')], max_length=8)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organization.person')),
            ],
            options={
                'db_table': 'notifications_mail_choice',
                'constraints': [models.UniqueConstraint(fields=('person', 'topic'), name='notifications_mail_choice_once')],
            },
        ),
        migrations.CreateModel(
            name='MailItem',
            fields=[
                ('notification', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='notifications.notification')),
                ('due_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('message_id', models.BigIntegerField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organization.person')),
            ],
            options={
                'db_table': 'notifications_mail_item',
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['due_at'], name='notifications_mail_due'), models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['person'], name='notifications_mail_open'), models.Index(condition=models.Q(('message_id__isnull', False)), fields=['message_id'], name='notifications_mail_sent')],
            },
        ),
    ]
