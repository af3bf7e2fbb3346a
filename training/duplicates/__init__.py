"""From scenes of reports and a city's own links to the duplicate part of a bundle."""
