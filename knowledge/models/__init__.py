from knowledge.models.articles import Article, ArticleTranslation, Phrasing, Revision
from knowledge.models.feedback import Feedback
from knowledge.models.gaps import ContentGap, GapEvidence
from knowledge.models.organisation import Organisation
from knowledge.models.searches import ArticleView, SearchEvent
from knowledge.models.topics import Topic, TopicTranslation

__all__ = [
    "Article",
    "ArticleTranslation",
    "ArticleView",
    "ContentGap",
    "Feedback",
    "GapEvidence",
    "Organisation",
    "Phrasing",
    "Revision",
    "SearchEvent",
    "Topic",
    "TopicTranslation",
]
