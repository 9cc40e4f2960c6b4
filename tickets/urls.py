from django.urls import path

from tickets.views import callback, chat, my_cases, portal, status

urlpatterns = [
    path("cases/", my_cases.my_cases, name="my_cases"),
    path("cases/<str:reference>/", portal.case, name="case"),
    path("cases/<str:reference>/close/", portal.close_case, name="close_case"),
    path("cases/<str:reference>/rate/", portal.rate_case, name="rate_case"),
    path("chat/", chat.chat, name="chat"),
    path("chat/<uuid:chat_id>/", chat.chat_room, name="chat_room"),
    path("status/", status.status, name="status"),
    path("channels/", status.channels, name="channels"),
    path("call-back/", callback.callback, name="callback"),
    path("call-back/<uuid:pk>/", callback.booked, name="callback_booked"),
    path("call-back/<uuid:pk>/move/", callback.move, name="callback_move"),
    path("call-back/<uuid:pk>/cancel/", callback.cancel, name="callback_cancel"),
]
