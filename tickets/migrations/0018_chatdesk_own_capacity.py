from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0017_policy_channels"),
    ]

    operations = [
        migrations.AddField(
            model_name="agentavailability",
            name="own_capacity",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="What the agent asks for, where that is less.",
                null=True,
                verbose_name="own limit",
            ),
        ),
        migrations.AlterField(
            model_name="agentavailability",
            name="chat_capacity",
            field=models.PositiveSmallIntegerField(
                default=3, help_text="So many at the most. 0: no chats are offered.", verbose_name="chats at once"
            ),
        ),
    ]
