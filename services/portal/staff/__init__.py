"""The pages of whoever works with it: officers of cities, consultants, operators."""
