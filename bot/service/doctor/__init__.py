"""What `stanch doctor` looks at: this machine, the settings, the App on GitHub, and the way from GitHub to here."""
