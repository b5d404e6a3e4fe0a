"""Reading what lies around a workflow: metadata files, crate, git, prose, automation, the IR."""
