"""Pages of Wagtail's."""

from wagtail.models import Locale, Page, Site

from cms.models import HomePage


def home_page() -> HomePage:
    """Return an empty front page at the site's root, which takes the place of Wagtail's own."""
    locale, _ = Locale.objects.get_or_create(language_code="en")
    home = HomePage(title="Nordlys Instruments", slug="nordlys", locale=locale)
    Page.get_first_root_node().add_child(instance=home)
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    return home
