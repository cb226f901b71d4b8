"""Small widgets that show one thing each. All keep their size whatever they show, and can do with ASCII alone."""
