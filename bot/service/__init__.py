"""The webhook service: the door for GitHub's deliveries, the setup page, health, metrics and logs."""
