"""Running workflows: plan, schedule, stage, evaluate, record."""
