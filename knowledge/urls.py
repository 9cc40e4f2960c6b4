from django.urls import path

from knowledge.views import reading, searching

urlpatterns = [
    path("topics/<slug:slug>/", reading.topic, name="topic"),
    path("articles/<slug:slug>/", reading.article, name="article"),
    path("articles/<int:pk>/feedback/", reading.feedback, name="feedback"),
    path("search/", searching.search, name="search"),
]
