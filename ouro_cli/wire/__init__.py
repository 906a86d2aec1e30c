"""What goes over the wire, as values."""
