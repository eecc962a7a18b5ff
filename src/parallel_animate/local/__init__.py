"""Driver 1: make_video, and the worker processes on this machine."""
