from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tickets", "0002_cases"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhook",
            name="failing_since",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="failing since"),
        ),
        migrations.AddField(
            model_name="webhook",
            name="stopped_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="stopped"),
        ),
    ]
