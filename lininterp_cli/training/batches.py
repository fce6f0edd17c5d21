"""How a number of examples is cut into batches, the same way wherever that is done."""


def cut(num_examples: int, batch_size: int) -> list[slice]:
    """Consecutive batches; the last one takes what is left.

    A single example left over joins the batch before it, unless batches of one are what is wanted: BatchNorm
    cannot take statistics of one.

    Args:
        num_examples: How many examples there are.
        batch_size: How many a batch holds.

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
