"""Pages of those who speak for the shops of their town."""
