"""Staff of the review desk: passwords, sessions, roles, and what guards their pages."""
