"""Figures of matplotlib's own tests, changed at random: nobody chose them for what they judge.

`figures` finds and builds them, `changes` is what happens to them from frame to frame, `compare`
draws every frame in full and less and says where the two differ. `campaign` does that for all.
"""
