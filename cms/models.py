"""Django looks for models here; the pages live in `cms.pages`, by subject."""

from cms.pages.articles import ArticleIndexPage, ArticlePage
from cms.pages.content import ContentPage
from cms.pages.home import HomePage

__all__ = ["ArticleIndexPage", "ArticlePage", "ContentPage", "HomePage"]
