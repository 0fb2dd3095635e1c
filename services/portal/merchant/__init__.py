"""Pages of those who run a shop or work there."""
