"""Everything of Stanch that touches the world: git, reports, the command line, GitHub."""
