import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0013_bounce_is_passing"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="root_cause_guess",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tickets.rootcause",
            ),
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
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
    ]
