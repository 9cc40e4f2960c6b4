import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0015_contact_order_number"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Callback",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=20, verbose_name="number")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("sv", "Svenska"), ("nb", "Norsk bokmål"), ("da", "Dansk")],
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("booked", "Booked"),
                            ("done", "Reached"),
                            ("unreached", "Not reached"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="booked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("slot_at", models.DateTimeField(blank=True, null=True, verbose_name="time chosen")),
                ("slot_place", models.PositiveSmallIntegerField(blank=True, editable=False, null=True)),
                ("booked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="booked")),
                ("promised_at", models.DateTimeField(verbose_name="promised for")),
                ("due_at", models.DateTimeField(verbose_name="to call")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("late_noted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "verbose_name": "call-back",
                "verbose_name_plural": "call-backs",
                "ordering": ["due_at", "booked_at"],
            },
        ),
        migrations.CreateModel(
            name="CallbackTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("reached", "Reached"),
                            ("no_answer", "No answer"),
                            ("busy", "Busy"),
                            ("message", "Left a message"),
                            ("wrong", "Wrong number"),
                        ],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "call",
                "verbose_name_plural": "calls",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("customer_wrote", "The customer wrote"),
                    ("replied", "Answered"),
                    ("noted", "Note written"),
                    ("status_changed", "Status changed"),
                    ("assigned", "Assigned"),
                    ("unassigned", "Assignment removed"),
                    ("solved", "Solved"),
                    ("reopened", "Reopened"),
                    ("closed_by_customer", "Closed by the customer"),
                    ("delivery_failed", "A message could not be delivered"),
                    ("marked_as_spam", "Found to be spam"),
                    ("cleared_of_spam", "Found not to be spam"),
                    ("send_undone", "An answer was taken back before it left"),
                    ("bounced", "A message came back"),
                    ("letter_withheld", "An automatic letter was not sent"),
                    ("automatic_mail", "An automatic letter came"),
                    ("merged", "Another case was merged into it"),
                    ("merged_away", "Merged into another case"),
                    ("unmerged", "Parted from the case that it was merged with"),
                    ("split", "A message became a case of its own"),
                    ("split_off", "Split off from another case"),
                    ("linked", "Linked"),
                    ("unlinked", "Link removed"),
                    ("tagged", "Tags changed"),
                    ("changed", "Something about it changed"),
                    ("participant_added", "Somebody was put on copy"),
                    ("participant_removed", "Somebody was taken off the copies"),
                    ("classified", "Its cause was noted"),
                    ("judged", "Somebody said which article answered it"),
                    ("rated", "The customer rated it"),
                    ("link_sent", "The link to the case was sent again"),
                    ("links_revoked", "Links to the case were made invalid"),
                    ("imported", "Brought in from another system"),
                    ("chat_begun", "A chat began"),
                    ("chat_accepted", "An agent took the chat"),
                    ("chat_handed_over", "The chat was handed over"),
                    ("chat_missed", "Nobody answered the chat in time"),
                    ("chat_ended", "The chat ended"),
                    ("call_logged", "A call was noted"),
                    ("callback_booked", "A call-back was booked"),
                    ("callback_moved", "The call-back got another time"),
                    ("callback_cancelled", "The call-back was cancelled"),
                    ("callback_tried", "We called"),
                    ("callback_late", "A call-back was late"),
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="agent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="callbacks",
                to=settings.AUTH_USER_MODEL,
                verbose_name="agent",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="callbacks",
                to="tickets.ticket",
                verbose_name="case",
            ),
        ),
        migrations.AddField(
            model_name="callbacktry",
            name="agent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="agent",
            ),
        ),
        migrations.AddField(
            model_name="callbacktry",
            name="callback",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="log",
                to="tickets.callback",
                verbose_name="call-back",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(condition=models.Q(("state", "booked")), fields=["due_at"], name="callback_due"),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(fields=["number"], name="callback_by_number"),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(fields=["-promised_at"], name="callback_by_promise"),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("slot_at__isnull", False),
                    ("slot_place__isnull", False),
                    models.Q(("state", "cancelled"), _negated=True),
                ),
                fields=("slot_at", "slot_place"),
                name="slot_place_sold_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "booked")), fields=("ticket",), name="one_callback_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(("slot_place__isnull", True), ("slot_at__isnull", False), _connector="OR"),
                name="slot_place_is_of_a_slot",
            ),
        ),
    ]
