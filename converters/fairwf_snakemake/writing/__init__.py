"""Writing Snakefiles: rules, their configuration, and the functions that they call."""
