"""What a study has found: from its outcomes to means, ranks and sentences; never torch, and nothing is drawn."""
