"""What looks wrong in HISTORY, one file per matter; ``acd.quality`` is the door."""
