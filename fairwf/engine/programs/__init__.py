"""Programs on their way: asked for, queued for resources, started, ended."""
