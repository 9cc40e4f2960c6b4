from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0014_root_cause_guess'),
    ]

    operations = [
        migrations.AddField(
            model_name='customfield',
            name='check_digit',
            field=models.CharField(blank=True, choices=[('', 'None'), ('luhn', 'Luhn (modulus 10)'), ('mod11', 'Modulus 11')], default='', help_text='For an order number: its last digit follows from the others, so that a mistyped one is noticed.', max_length=10, verbose_name='check digit'),
        ),
        migrations.AddField(
            model_name='customfieldtext',
            name='error',
            field=models.CharField(blank=True, help_text='What is said about a value that does not match. Empty: a sentence of ours.', max_length=200, verbose_name='if it is not right'),
        ),
        migrations.AlterField(
            model_name='customfield',
            name='is_for_customers',
            field=models.BooleanField(default=False, help_text="It stands in the contact form and on the customer's case page. Off: agents alone see it.", verbose_name='asked of customers, and shown to them'),
        ),
        migrations.AlterField(
            model_name='customfield',
            name='kind',
            field=models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('choice', 'Choice'), ('date', 'Date'), ('flag', 'Yes or no'), ('order', 'Order number')], default='text', max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='customfield',
            name='topics',
            field=models.ManyToManyField(blank=True, help_text='With all topics below them. None: on every case.', related_name='custom_fields', to='knowledge.topic', verbose_name='topics'),
        ),
    ]
