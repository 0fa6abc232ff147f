"""What a person still knows: FSRS-6 in the learner's calendar days."""
