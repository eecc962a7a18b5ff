"""Report on a render while it runs and when it has finished: status, pictures, a page per movie."""
