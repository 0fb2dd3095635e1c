"""What the services say to each other: the only package they share besides the chassis."""
