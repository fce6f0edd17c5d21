"""How the numbers of a report are computed, in sentences; computes nothing."""

from lininterp_cli.landscape.curves.ranks import DIGITS
from lininterp_cli.study.report.ranks import LEVEL, NUM_PERMUTATIONS, NUM_RESAMPLES
from lininterp_cli.study.report.words import SIGNIFICANT

METHODS = (
    "A correlation over all runs treats runs of a group, and runs that steps make from one training, as independent, "
    "which they are not. A run that several rows have counts once.",
    "Between and within groups each training counts once: by its own run, or, where no training has a curve of the "
    "line, by the mean over the runs that its steps make (a training that lacks one of them is left out). Between "
    "groups there is one point for each group, the means over its trainings; within groups, midranks in each group are "
    "put together (scaled as van Elteren 1960 weighs strata), so that only seeds differ.",
    f"Spearman's rho and Kendall's tau-b of values in {DIGITS} significant digits, so that rounding breaks no tie. "
    f"{100 * LEVEL:.0f} % intervals: the percentile bootstrap (Efron 1979), {NUM_RESAMPLES} resamples of runs (of "
    "trainings within their groups, or of groups between them). There is none where every permutation can be tried, as "
    f"of 7 runs or fewer, of an order whose only exceptions are ties, or where more than {50 * (1 - LEVEL):.1f} % of "
    "resamples are constant; fewer of these count against both ends. With 10 runs an interval holds the true value "
    "about nine times in ten.",
    f"p: two-sided permutation test of rho, every permutation where there are no more than {NUM_PERMUTATIONS}, else "
    f"{NUM_PERMUTATIONS} random ones (Phipson & Smyth 2010); * where it is below {SIGNIFICANT} after Holm's correction "
    "(1979) for all tests of its scope.",
    "Rows: mean and standard deviation (by n - 1) over seeds. Blocks: mean and Student's 95 % interval over seeds.",
)
"""How the numbers of a report are computed."""
