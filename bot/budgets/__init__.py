"""Resource budgets: running a program, measuring what it holds, and judging what grows."""
