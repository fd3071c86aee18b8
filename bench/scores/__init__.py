"""How well Stanch sees: labelled leaks and look-alikes of public repositories, and what the engine says of each."""
