"""Reports of studies: means, rank correlations and sentences; draws nothing and never imports torch."""
