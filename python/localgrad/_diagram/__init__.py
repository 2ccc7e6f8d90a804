"""Pictures of networks, by matplotlib. Coordinates are inches of a figure of the width of a page."""
