"""What the numbers that nobody measured decide: screening, indices, discovery, over one space of ranges."""
