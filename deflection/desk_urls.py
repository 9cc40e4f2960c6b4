"""Places of the desk that know journeys; the site puts them beside those of the cases."""

from django.urls import path

from deflection.views import desk_phone

urlpatterns = [
    path("phone/", desk_phone.phone, name="phone"),
    path("phone/articles/", desk_phone.articles, name="phone_articles"),
    path("phone/log/", desk_phone.log, name="log_call"),
]
