"""The admin of the knowledge base: what agents and editors curate, and the evidence that they work from."""

from knowledge.admin import articles, gaps, organisation, reading, search_tuning, synonyms, texts, topics

__all__ = ["articles", "gaps", "organisation", "reading", "search_tuning", "synonyms", "texts", "topics"]
