"""Tasks in pilots: workers that Parsl keeps on nodes, and that take one bundle after another."""
