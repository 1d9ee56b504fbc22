"""An Oscar shop with nothing overridden: Oscar's own apps, templates and styles, on settings fit for production."""
