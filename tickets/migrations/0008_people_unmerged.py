from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0007_mailin_letters"),
    ]

    operations = [
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
                    ("rated", "The customer rated it"),
                    ("link_sent", "The link to the case was sent again"),
                    ("links_revoked", "Links to the case were made invalid"),
                    ("imported", "Brought in from another system"),
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
    ]
