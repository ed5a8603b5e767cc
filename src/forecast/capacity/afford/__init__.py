"""What a budget can buy: the best service within a cap on money or heads."""
