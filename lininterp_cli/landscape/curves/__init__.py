"""What a curve is, where its points are, and what it says; never torch."""
