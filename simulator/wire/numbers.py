"""How the wire writes rates: strings with the leading zero dropped, dashes where nothing can be divided."""


def format_average(part: float, total: float, empty: str = ".000") -> str:
    """Write a rate to three places, such as ".245" or "1.000"; `empty` when there is nothing to divide by."""
    return _round_half_up(part, total, 3).removeprefix("0") if total else empty


def format_share(part: float, total: float) -> str:
    """Write a share as the wire rounds strikes: two places and a zero, ".670"; "-.--" of nothing."""
    return f"{_round_half_up(part, total, 2)}0".removeprefix("0") if total else "-.--"


def format_ratio(part: float, total: float) -> str:
    """Write a quotient to two places, "1.44"; "-.--" of nothing."""
    return _round_half_up(part, total, 2) if total else "-.--"


def format_innings(outs: int) -> str:
    """Write outs as innings pitched: 19 outs are "6.1"."""
    return f"{outs // 3}.{outs % 3}"


def format_per_nine(count: int, outs: int) -> str:
    """Write a count per nine innings: 27 times the count over the outs."""
    return format_ratio(27 * count, outs)


def format_ordinal(number: int) -> str:
    """Write 1 as "1st", 12 as "12th", 22 as "22nd"."""
    last = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"


def _round_half_up(part: float, total: float, places: int) -> str:
    """Halves go up, unlike Python's: 1/8 is .13."""
    shifted = int(part / total * 10**places + 0.5 + 1e-9)
    return f"{shifted / 10**places:.{places}f}"
