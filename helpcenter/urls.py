"""Every address of the site. Customer pages carry their language; the rest has none."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from deflection import api as deflection_api
from deflection.desk_urls import urlpatterns as journeys_at_the_desk
from helpcenter.views import errors, health, pages, theme
from helpcenter.widget.api import WidgetView
from helpcenter.widget.views import widget_demo, widget_file
from knowledge import api as knowledge_api
from knowledge.views.reading import preview
from tickets import desk_urls
from tickets.api.cases import CaseView
from tickets.api.chats import ChatMessagesView, ChatsView, ChatView, ChatWishesView
from tickets.api.customers import CustomersView
from tickets.api.messages import CaseMessagesView
from tickets.views.hooks import provider_mail
from tickets.views.portal import attachment

api = [
    path("search/", knowledge_api.SearchView.as_view()),
    path("topics/", knowledge_api.TopicsView.as_view()),
    path("articles/", knowledge_api.ArticlesView.as_view()),
    path("articles/<int:pk>/", knowledge_api.ArticleView.as_view()),
    path("suggestions/", deflection_api.SuggestionsView.as_view()),
    path("widget/", WidgetView.as_view()),
    path("journeys/", deflection_api.JourneysView.as_view()),
    path("journeys/<uuid:journey_id>/events/", deflection_api.JourneyEventsView.as_view()),
    path("tickets/", deflection_api.TicketsView.as_view()),
    path("tickets/<str:reference>/", CaseView.as_view()),
    path("tickets/<str:reference>/messages/", CaseMessagesView.as_view()),
    path("customers/", CustomersView.as_view()),
    path("chats/", ChatsView.as_view()),
    path("chats/<uuid:chat_id>/", ChatView.as_view()),
    path("chats/<uuid:chat_id>/messages/", ChatMessagesView.as_view()),
    path("chats/<uuid:chat_id>/wishes/", ChatWishesView.as_view()),
]

urlpatterns = [
    path("", pages.front_door, name="front_door"),
    path("language/<str:language>/", pages.switch_language, name="switch_language"),
    path("theme.css", theme.theme_css, name="theme_css"),
    re_path(r"^(?P<name>widget(?:-panel)?\.js|widget\.css)$", widget_file, name="widget_file"),
    path("widget-demo/", widget_demo, name="widget_demo"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("accounts/after-login/", pages.after_login, name="after_login"),
    path("accounts/", include("allauth.account.urls")),
    path("attachments/<uuid:attachment_id>/", attachment, name="attachment"),
    path("preview/<int:pk>/", preview, name="preview"),
    path("desk/", include(([*journeys_at_the_desk, *desk_urls.urlpatterns], desk_urls.app_name))),
    path("reports/", include("deflection.reports.urls")),
    path("admin/", admin.site.urls),
    path("hooks/mail/<slug:provider>/", provider_mail, name="provider_mail"),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
    # Only the organisation's own logo lies there; what customers send never does.
    re_path(r"^media/(?P<path>brand/.+)$", serve, {"document_root": settings.MEDIA_ROOT}),
    *i18n_patterns(
        path("", pages.home, name="home"),
        path("", include("knowledge.urls")),
        path("", include("tickets.urls")),
        path("", include("deflection.urls")),
        prefix_default_language=True,
    ),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
