"""A picture of a comment as GitHub would show it; what GitHub adds is imitated and labelled so."""
