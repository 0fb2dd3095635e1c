"""A campaign from its first draft to its publication, step by step on plain pages."""
