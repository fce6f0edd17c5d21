"""Every network the tool knows, and which of its tensors move together."""
