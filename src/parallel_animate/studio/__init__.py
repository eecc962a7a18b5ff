"""A local page that shows a movie's frames while its code is written."""
