"""What can be wrong with the database."""


class DatabaseError(Exception):
    """The database cannot be used; the message says what was wrong, where, and what to do."""
