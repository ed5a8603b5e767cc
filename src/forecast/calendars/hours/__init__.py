"""Opening hours: given, or learned from the history."""
