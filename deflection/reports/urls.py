from django.urls import path

from deflection.reports import deflection, views

app_name = "reports"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("cases/", views.case_list, name="cases"),
    path("searches/", views.search_list, name="searches"),
    path("deflection/", deflection.page, name="deflection"),
    path("deflection/people/", deflection.people_list, name="people"),
    path("deflection/visits/", deflection.visit_list, name="visits"),
]
