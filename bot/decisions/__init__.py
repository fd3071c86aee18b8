"""What to publish, decided from a report: pure functions from state to comments, checks and reviews."""
