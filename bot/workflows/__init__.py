"""The jobs of the service, each in the same three steps: gather (read), decide (pure), act (write)."""
