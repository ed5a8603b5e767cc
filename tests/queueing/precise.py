"""Erlang B, C and A in decimal arithmetic of 75 digits, by sums of positive terms alone."""

from decimal import Context, Decimal, localcontext

FIELDS = ("p_wait", "service_level", "asa_s", "abandonment", "occupancy")
_WIDE = Context(prec=75, Emax=10**12, Emin=-(10**12))
_LAST = Decimal(10) ** -65


def inverse_b(load, agents):
    """Return 1 / B by Erlang's recursion."""
    a, value = Decimal(load), Decimal(1)
    for k in range(1, agents + 1):
        value = 1 + k / a * value
    return value


def blocking(load, agents):
    with localcontext(_WIDE):
        return float(1 / inverse_b(load, agents))


def erlang_c(load, agents, aht_s, answer_within_s):
    """Return the figures of a stable queue."""
    with localcontext(_WIDE):
        a, n, aht = Decimal(load), Decimal(agents), Decimal(aht_s)
        p_wait = 1 / (1 + (n - a) / a * inverse_b(load, agents - 1))
        late = p_wait * (-(n - a) * Decimal(answer_within_s) / aht).exp()
        figures = (p_wait, 1 - late, p_wait * aht / (n - a), Decimal(0), a / n)
        return dict(zip(FIELDS, map(float, figures), strict=True))


def kernel(c, x):
    """Return the integral of exp(x (1 - exp(-u)) - c u) and that with exp(-u) as a factor.

    Both are sums of x^k over rising factorials, without a sign.
    """
    term, total, kept = 1 / c, Decimal(0), Decimal(0)
    k = 0
    while k <= x - c or term > total * _LAST:
        total += term
        kept += term * c / (c + k + 1)
        k += 1
        term *= x / (c + k)
    return total, kept


def erlang_a(load, agents, aht_s, answer_within_s, patience_s):
    """Return the figures of a team of at least one."""
    with localcontext(_WIDE):
        a, n, patience = Decimal(load), Decimal(agents), Decimal(patience_s)
        p, limit = patience / Decimal(aht_s), Decimal(answer_within_s) / patience
        c, r = n * p, a * p
        free = inverse_b(load, agents - 1)
        all_wait, all_kept = kernel(c, r)
        x = r * (-limit).exp()
        _, kept = kernel(c, x)
        late = r * (r - x - (c + 1) * limit).exp() * kept
        total = free + r * all_wait
        abandoned = r * (all_wait - all_kept) / total
        answered = (free + r * all_kept) / total
        figures = (
            r * all_wait / total,
            (free + r * all_kept - late) / total,
            abandoned * patience,
            abandoned,
            a * answered / n,
        )
        return dict(zip(FIELDS, map(float, figures), strict=True))
