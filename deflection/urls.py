from django.urls import path

from deflection.views import contact, phone

urlpatterns = [
    path("contact/", contact.contact, name="contact"),
    path("contact/suggestions/", contact.suggestions, name="contact_suggestions"),
    path("contact/articles/<int:pk>/", contact.suggested_article, name="suggested_article"),
    path("contact/answered/", contact.answered, name="answered"),
    path("contact/thanks/", contact.answered_thanks, name="answered_thanks"),
    path("phone/", phone.phone, name="phone"),
]
