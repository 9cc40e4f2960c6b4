from django.urls import path

from tickets.views import my_cases, portal, status

urlpatterns = [
    path("cases/", my_cases.my_cases, name="my_cases"),
    path("cases/<str:reference>/", portal.case, name="case"),
    path("cases/<str:reference>/close/", portal.close_case, name="close_case"),
    path("cases/<str:reference>/rate/", portal.rate_case, name="rate_case"),
    path("status/", status.status, name="status"),
    path("channels/", status.channels, name="channels"),
]
