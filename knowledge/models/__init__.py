from knowledge.models.articles import Article, ArticleTranslation, Revision
from knowledge.models.feedback import Feedback
from knowledge.models.gaps import ContentGap, GapEvidence
from knowledge.models.organisation import Organisation
from knowledge.models.phrasings import Phrasing
from knowledge.models.search_tuning import SearchTuning, Synonym
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
    "SearchTuning",
    "Synonym",
    "Topic",
    "TopicTranslation",
]
