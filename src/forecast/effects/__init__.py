"""What events and holidays do to volume and handle time, learned from those that were."""
