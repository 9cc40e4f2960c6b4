from django.http import HttpResponse
from django.urls import path

app_name = "desk"
urlpatterns = [path("", lambda r: HttpResponse(), name="list"), path("<str:reference>/", lambda r, reference: HttpResponse(), name="case")]
