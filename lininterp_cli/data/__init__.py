"""Every data set the tool knows, held in memory as tensors."""
