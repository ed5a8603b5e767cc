"""What plans cost: pay and prices to the cent, and why two totals differ."""
