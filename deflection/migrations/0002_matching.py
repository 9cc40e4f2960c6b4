import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('deflection', '0001_initial'),
        ('knowledge', '0003_learned_phrasings'),
    ]

    operations = [
        migrations.CreateModel(
            name='LearningProgress',
            fields=[
                ('stream', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('last_event', models.BigIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'progress of learning',
                'verbose_name_plural': 'progress of learning',
            },
        ),
        migrations.CreateModel(
            name='MatchingSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('show_from', models.FloatField(blank=True, help_text='The probability, from 0.05 to 0.95, that an article answers. Below it nothing is suggested.', null=True, validators=[django.core.validators.MinValueValidator(0.05), django.core.validators.MaxValueValidator(0.95)], verbose_name='show suggestions from')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated')),
            ],
            options={
                'verbose_name': 'suggestion setting',
                'verbose_name_plural': 'suggestion settings',
            },
        ),
        migrations.CreateModel(
            name='Rejection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('en', 'English'), ('sv', 'Svenska'), ('nb', 'Norsk bokmål'), ('da', 'Dansk')], max_length=5, verbose_name='language')),
                ('text', models.CharField(max_length=300, verbose_name='text')),
                ('source', models.CharField(choices=[('dismissed', '“Not quite” to a suggestion'), ('not_answered', 'Said it was not answered'), ('case_followed', 'Opened it, and a case followed')], max_length=16, verbose_name='source')),
                ('origin', models.CharField(blank=True, db_index=True, editable=False, max_length=40, verbose_name='origin')),
                ('removed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='removed')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rejections', to='knowledge.article', verbose_name='article')),
            ],
            options={
                'verbose_name': 'rejected suggestion',
                'verbose_name_plural': 'rejected suggestions',
                'ordering': ['-created_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('origin', ''), _negated=True), fields=('article', 'origin'), name='rejection_once_a_journey')],
            },
        ),
    ]
