"""Exports of other systems (tables, Open311, Signalen), and how a mapping turns them into rows of a corpus."""
