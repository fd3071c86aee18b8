"""The setup page: it registers the App through GitHub's manifest flow, once."""
