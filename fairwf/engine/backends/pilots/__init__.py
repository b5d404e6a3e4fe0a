"""Tasks in pilots: workers that Parsl keeps on the nodes, and that take one bundle after another."""
