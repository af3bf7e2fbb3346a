"""The review desk on a long queue against a short one: a real server, a real session, pages and decisions."""
