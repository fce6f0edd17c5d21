"""The networks that the tool can build, and the groups in which their tensors move along a path."""
