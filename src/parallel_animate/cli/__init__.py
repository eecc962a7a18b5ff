"""The command ``parallel-animate``: parse, call one function, print."""
