"""Write values for people."""

from fractions import Fraction


def show(value, places):
    """Return a value with so many decimals."""
    exact = Fraction(value)
    units = (2 * abs(exact) * 10**places + 1) // 2
    whole, part = divmod(units, 10**places)
    sign = "-" if exact < 0 and units else ""
    if not places:
        return f"{sign}{whole:,}"
    return f"{sign}{whole:,}.{part:0{places}d}"
