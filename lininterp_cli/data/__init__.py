"""The data sets, held in memory as tensors."""
