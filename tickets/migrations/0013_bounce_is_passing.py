from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0012_chats")]

    operations = [
        migrations.AddField(
            model_name="identity",
            name="bounce_is_passing",
            field=models.BooleanField(default=False, verbose_name="may pass"),
        ),
    ]
