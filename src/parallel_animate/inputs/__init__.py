"""What the user gives, made ready to travel: animators, frames, their code, matplotlib's state."""
