"""Rates in the Stats API's format: strings without the leading zero, dashes for a division by zero."""


def format_average(part: float, total: float, empty: str = ".000") -> str:
    """Format a rate to three places, such as ".245" or "1.000"; `empty` if `total` is 0."""
    return _round_half_up(part, total, 3).removeprefix("0") if total else empty


def format_share(part: float, total: float) -> str:
    """Format a share as the API rounds strikes: two places and a zero, ".670"; "-.--" if `total` is 0."""
    return f"{_round_half_up(part, total, 2)}0".removeprefix("0") if total else "-.--"


def format_ratio(part: float, total: float) -> str:
    """Format a quotient to two places, "1.44"; "-.--" if `total` is 0."""
    return _round_half_up(part, total, 2) if total else "-.--"


def format_innings(outs: int) -> str:
    """Format outs as innings pitched: 19 outs are "6.1"."""
    return f"{outs // 3}.{outs % 3}"


def format_per_nine(count: int, outs: int) -> str:
    """Format a count per nine innings: 27 times the count over the outs."""
    return format_ratio(27 * count, outs)


def format_ordinal(number: int) -> str:
    """Format 1 as "1st", 12 as "12th", 22 as "22nd"."""
    last = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"


def _round_half_up(part: float, total: float, places: int) -> str:
    """Round halves up, unlike Python, which rounds them to even: 1/8 is .13."""
    shifted = int(part / total * 10**places + 0.5 + 1e-9)
    return f"{shifted / 10**places:.{places}f}"
