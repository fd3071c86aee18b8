"""How the cost of judging a file grows with each thing that a file may hold many of."""
