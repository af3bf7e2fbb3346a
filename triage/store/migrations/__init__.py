"""The history of the tables. Alembic runs these files; nothing imports them."""
