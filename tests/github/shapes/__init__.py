"""Things of the fake GitHub as the JSON that the REST API and webhooks show."""
