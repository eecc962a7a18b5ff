"""Render a chunk to a segment, in this process."""
