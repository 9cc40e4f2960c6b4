from django.urls import path

from tickets.views import portal, status

urlpatterns = [
    path("cases/<str:reference>/", portal.case, name="case"),
    path("cases/<str:reference>/close/", portal.close_case, name="close_case"),
    path("status/", status.status, name="status"),
    path("channels/", status.channels, name="channels"),
]
