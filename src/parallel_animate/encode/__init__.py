"""Raw frames in, a verified segment out; segments in, a verified movie out."""
