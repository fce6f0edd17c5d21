"""Cutting examples into batches, in the same way for training and for evaluation."""


def cut(num_examples: int, batch_size: int) -> list[slice]:
    """Consecutive batches; the last one takes the remaining examples.

    A single remaining example joins the batch before it, unless `batch_size` is 1: BatchNorm cannot compute
    statistics of one example.

    Args:
        num_examples: Number of examples.
        batch_size: Examples per batch.

    Returns:
        Slices that cover every example once.

    Example:
        >>> cut(7, 3)
        [slice(0, 3, None), slice(3, 7, None)]
        >>> cut(8, 3)
        [slice(0, 3, None), slice(3, 6, None), slice(6, 8, None)]
    """
    starts = list(range(0, num_examples, batch_size))
    if batch_size > 1 and len(starts) > 1 and num_examples - starts[-1] == 1:
        starts.pop()
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], num_examples], strict=True)]
