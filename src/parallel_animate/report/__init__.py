"""Look at a render while it goes on, and at what came out: status, pictures, a page per movie."""
