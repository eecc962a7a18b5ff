"""A chunk to a segment, in this process."""
