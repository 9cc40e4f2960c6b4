from django.urls import path

from tickets.views.desk import actions, cases

app_name = "desk"
urlpatterns = [
    path("", cases.case_list, name="list"),
    # Before the cases: no reference is without its number.
    path("rail/", cases.rail, name="rail"),
    path("<str:reference>/", cases.case, name="case"),
    path("<str:reference>/articles/", cases.articles, name="articles"),
    path("<str:reference>/reply/", actions.reply, name="reply"),
    path("<str:reference>/note/", actions.add_note, name="note"),
    path("<str:reference>/status/", actions.change_status, name="status"),
    path("<str:reference>/take/", actions.take, name="take"),
    path("<str:reference>/assign/", actions.assign, name="assign"),
    path("<str:reference>/unassign/", actions.unassign, name="unassign"),
    path("<str:reference>/not-spam/", actions.not_spam, name="not_spam"),
    path("<str:reference>/deliveries/<uuid:outbox_id>/retry/", actions.retry_delivery, name="retry_delivery"),
]
