"""The days of a place: what each is by law, by arrangement and by the company's word."""
