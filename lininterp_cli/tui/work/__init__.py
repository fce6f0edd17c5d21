"""Starting what the command line can, and watching what runs; a job outlives the explorer."""
