from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0002_search_tuning"),
    ]

    operations = [
        migrations.AddField(
            model_name="phrasing",
            name="origin",
            field=models.CharField(
                blank=True, db_index=True, default="", editable=False, max_length=80, verbose_name="origin"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="phrasing",
            name="removed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="removed"),
        ),
        migrations.RemoveConstraint(
            model_name="phrasing",
            name="phrasing_once_an_article",
        ),
        migrations.AddConstraint(
            model_name="phrasing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)),
                fields=("article", "language", "text"),
                name="phrasing_once_an_article",
            ),
        ),
        migrations.AddConstraint(
            model_name="phrasing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin", ""), _negated=True),
                fields=("article", "origin"),
                name="phrasing_once_an_origin",
            ),
        ),
    ]
