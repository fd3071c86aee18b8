"""How fast Stanch is, beside its peers and beside what no tool can undercut, all measured in the same run."""
