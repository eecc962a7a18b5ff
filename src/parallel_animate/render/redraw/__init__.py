"""Draw less, with the same pixels.

Two steps, each exact and each able to step aside:

- caches (`text`, `ticks`): what one draw computes over and over is computed once. For all figures.
- replay (`raster`, `state`, `order`, `layers`, `canvas`): artists whose whole state is as it was
  when they were last drawn are not drawn again; their low-level Agg calls are replayed, or stand in
  a background already. For figures that persist from frame to frame.

`selfcheck` compares both with a plain draw of matplotlib's.
"""
