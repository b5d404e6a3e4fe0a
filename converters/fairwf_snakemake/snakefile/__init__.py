"""The syntax of Snakefiles: Python with rules. Nothing here runs any of it."""
