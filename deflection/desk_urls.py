"""Places of the desk that know journeys; the site puts them beside those of the cases."""

from django.urls import path

from deflection.views import desk_phone, personal_data

urlpatterns = [
    path("phone/", desk_phone.phone, name="phone"),
    path("phone/articles/", desk_phone.articles, name="phone_articles"),
    path("phone/log/", desk_phone.log, name="log_call"),
    path("customers/<int:pk>/data/", personal_data.personal_data, name="personal_data"),
    path("customers/<int:pk>/data/archive/", personal_data.hand_out, name="hand_out_data"),
    path("customers/<int:pk>/data/erase/", personal_data.erase, name="erase_data"),
]
