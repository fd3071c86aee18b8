"""How often budgets are wrong: alarms on programs that did not change, leaks that are missed."""
