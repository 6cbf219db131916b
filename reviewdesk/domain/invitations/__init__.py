"""Asking for reviews: what an invitation is, what each source wants of it, and the rules of fairness. Pure."""
