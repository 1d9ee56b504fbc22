"""Health, scheduling, and what each request needs."""
