"""The grammar of Nextflow scripts and configuration: text to tokens to tree, every node placed."""
