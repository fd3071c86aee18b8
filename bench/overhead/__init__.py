"""What measuring costs the measured: CPU time per request with and without hooks, in pairs that take turns."""
