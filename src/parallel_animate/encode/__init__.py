"""From raw frames to verified segments, and from segments to a verified movie."""
