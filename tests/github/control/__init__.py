"""What a test does on the fake GitHub as its people, and how it looks at what came of it."""
