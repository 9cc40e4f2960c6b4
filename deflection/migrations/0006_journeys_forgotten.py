from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('deflection', '0005_holdout'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='journey',
            options={'ordering': ['-started_at'], 'permissions': [('view_reports', 'Can see the reports'), ('handle_personal_data', 'Can hand out and erase what is kept of a customer')], 'verbose_name': 'journey', 'verbose_name_plural': 'journeys'},
        ),
        migrations.AddField(
            model_name='journey',
            name='forgotten_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name='journey',
            index=models.Index(condition=models.Q(('forgotten_at__isnull', True)), fields=['last_seen_at'], name='journey_to_forget'),
        ),
    ]
