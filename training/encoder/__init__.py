"""Where encoder weights come from, and how their vocabulary is cut."""
