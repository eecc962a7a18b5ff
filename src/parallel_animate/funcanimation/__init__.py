"""Render existing matplotlib animations from copies of their figure and function.

`save.save_animation` is the entry point. `order` finds out whether frames can be drawn without the
frames before, and `animators` draw them either from fresh copies or in order.
"""
