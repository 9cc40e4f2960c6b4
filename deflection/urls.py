from django.urls import path

from deflection.views import contact, drafts, help_offer, personal_data, phone, uploads

urlpatterns = [
    path("contact/", contact.contact, name="contact"),
    path("contact/suggestions/", contact.suggestions, name="contact_suggestions"),
    path("contact/topic/", contact.topic_parts, name="contact_topic"),
    path("contact/draft/", drafts.draft, name="contact_draft"),
    path("contact/uploads/", uploads.all_uploads, name="contact_uploads"),
    path("contact/uploads/<uuid:pk>/", uploads.one_upload, name="contact_upload"),
    path("contact/articles/<int:pk>/", contact.suggested_article, name="suggested_article"),
    path("contact/answered/", contact.answered, name="answered"),
    path("contact/thanks/", contact.answered_thanks, name="answered_thanks"),
    path("help-offer/", help_offer.help_offer, name="help_offer"),
    path("phone/", phone.phone, name="phone"),
    path("my-data/", personal_data.my_data, name="my_data"),
]
