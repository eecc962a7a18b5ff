"""Existing animations of matplotlib's: copy figure and function, and render them as they draw.

`save.save_animation` is the way in; `order` finds out whether frames can be drawn apart from the
ones before, `animators` draw them from a copy each, or those that cannot be in order.
"""
