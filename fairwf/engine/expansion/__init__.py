"""What a workflow asks for next: steps and processes on a scheduler without input or output."""
