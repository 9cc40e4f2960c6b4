"""What happens to articles, told to whoever wants to know. Receivers run in the transaction of what happened."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with `text`, the ArticleTranslation that customers can read now, or no more.
text_published = Signal()
text_withdrawn = Signal()
