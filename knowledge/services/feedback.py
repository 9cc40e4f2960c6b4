"""What readers say of an article."""

from __future__ import annotations

from django.db import transaction

from knowledge.models import ArticleTranslation, Feedback
from knowledge.origins import Origin
from knowledge.search.analysis import clean

MAX_COMMENT_CHARACTERS = 2000


@transaction.atomic
def give_feedback(
    *, text: ArticleTranslation, is_helpful: bool, reason: str = "", comment: str = "", origin: Origin
) -> Feedback:
    """Records a reader's verdict on the revision that is public now; a second verdict replaces the first."""
    values = {
        "is_helpful": is_helpful,
        "reason": "" if is_helpful else reason,
        "comment": clean(comment).strip()[:MAX_COMMENT_CHARACTERS],
        "revision": text.revisions.filter(published_at__isnull=False).order_by("-published_at").first(),
    }
    visit = origin.current()
    if not visit:
        return Feedback.objects.create(translation=text, **values)
    feedback, _ = Feedback.objects.update_or_create(translation=text, origin=visit, defaults=values)
    return feedback
