"""PATHS -> people: handle time, demand, requirements. Accepts any table that validates as PATHS."""
