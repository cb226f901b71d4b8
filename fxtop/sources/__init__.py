"""What the console learns without agents."""
