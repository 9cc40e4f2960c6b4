from django.urls import path

from deflection.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("cases/", views.case_list, name="cases"),
    path("searches/", views.search_list, name="searches"),
]
