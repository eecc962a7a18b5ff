"""The user's input, ready for other processes: animators, frames, code, matplotlib's state."""
