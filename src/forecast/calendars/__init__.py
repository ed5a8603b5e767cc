"""Holidays, opening hours, promotions and events -> CALENDAR, past and future."""
