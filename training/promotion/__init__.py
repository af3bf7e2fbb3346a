"""From a challenger to a champion: gates, and the one step that makes a bundle the one that is served."""
