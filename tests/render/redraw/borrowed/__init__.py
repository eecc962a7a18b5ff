"""Figures from matplotlib's own tests, changed at random: they were not chosen for this check.

`figures` finds and builds them, `changes` changes them from frame to frame, and `compare` draws
every frame in both ways and reports where they differ. `campaign` does that for all figures.
"""
