from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from simulator.game_record import Person, Play, RunnerMovement
from simulator.retrosheet.lineup import LineupEntry
from simulator.retrosheet.scorekeeper import PlayRecord, Scorekeeper

_LEAST_BASES = {"S7": 1, "D8": 2, "T9": 3, "HR/7/F": 4, "E6/G": 1}
_EMPTYING = (*_LEAST_BASES, "W", "K", "63/G")


def _advances(occupied: set[int], bases: int) -> str:
    moved = (f"{base}-{base + bases if base + bases < 4 else 'H'}" for base in sorted(occupied, reverse=True))
    return ";".join(moved)


def _forced(occupied: set[int]) -> set[int]:
    return {base for base in occupied if set(range(1, base)) <= occupied}


def _after(text: str, occupied: set[int]) -> tuple[str, set[int], int]:
    """Return a play's whole string, the bases occupied after it, and the outs it makes."""
    if text == "SB2":
        return text, occupied - {1} | {2}, 0
    if text == "CS2(26)":
        return text, occupied - {1}, 1
    if text == "64(1)3/GDP":
        return text, occupied - {1}, 2
    if text in ("K", "63/G"):
        return text, occupied, 1
    bases = _LEAST_BASES.get(text, 1)
    movers = _forced(occupied) if text == "W" else occupied
    landed = (occupied - movers) | {base + bases for base in movers} | {bases}
    return f"{text}.{_advances(movers, bases)}".rstrip("."), landed & {1, 2, 3}, 0


@st.composite
def half_innings(draw: st.DrawFn) -> list[str]:
    """Draw the plays of a half-inning, each possible where it stands."""
    occupied: set[int] = set()
    outs, plays = 0, []
    while outs < 3 and len(plays) < 25:
        possible = list(_EMPTYING)
        possible += ["CS2(26)", "SB2"] if 1 in occupied and 2 not in occupied else []
        possible += ["64(1)3/GDP"] if 1 in occupied and outs < 2 else []
        text, occupied, made = _after(draw(st.sampled_from(possible)), occupied)
        outs += made
        plays.append(text)
    return plays


def keep_score(halves: list[list[str]]) -> list[Play]:
    people = {number: Person(number, str(number)) for number in (*range(10, 20), *range(30, 40))}
    keeper = Scorekeeper(people)
    for side in (0, 1):
        for slot in range(10):
            keeper.enter_player(LineupEntry(10 + 20 * side + slot, side, slot, slot or 1))
        keeper.enter_player(LineupEntry(10 + 20 * side, side, 0, 1))
    for number, half in enumerate(halves):
        batter = 0
        for text in half:
            inning, side = number // 2 + 1, number % 2
            keeper.record_play(PlayRecord(inning, side, 11 + 20 * side + batter % 9, "00", "", text))
            batter += not text.startswith(("SB", "CS"))
    keeper.close_plate_appearance()
    return keeper.plays


def by_half(plays: list[Play]) -> Iterator[list[Play]]:
    halves: dict[tuple[int, bool], list[Play]] = defaultdict(list)
    for play in plays:
        halves[play.inning, play.is_top].append(play)
    yield from halves.values()


@given(st.lists(half_innings(), min_size=1, max_size=4))
def test_outs_run_from_none_to_three(halves: list[list[str]]) -> None:
    for half in by_half(keep_score(halves)):
        assert half[0].outs_before == 0
        assert all(before.outs_after == after.outs_before for before, after in pairwise(half))
        assert half[-1].outs_after <= 3


def left_on_base(movements: list[RunnerMovement]) -> dict[str, int]:
    """Follow every runner from base to base; each must leave from where he stands and find his base free."""
    bases: dict[str, int] = {}
    for runner in movements:
        assert runner.start is None or bases.pop(runner.start) == runner.runner
        if runner.end and runner.end != "score":
            assert runner.end not in bases
            bases[runner.end] = runner.runner
    return bases


@given(st.lists(half_innings(), min_size=1, max_size=4))
def test_every_batter_is_out_home_or_left_on_base(halves: list[list[str]]) -> None:
    for half in by_half(keep_score(halves)):
        movements = [runner for play in half for runner in play.runners]
        came_up = sum(runner.start is None for runner in movements)
        out = sum(runner.is_out for runner in movements)
        home = sum(runner.end == "score" for runner in movements)
        assert came_up == out + home + len(left_on_base(movements))


@given(st.lists(half_innings(), min_size=1, max_size=4))
def test_score_is_the_runners_who_came_home(halves: list[list[str]]) -> None:
    plays = keep_score(halves)
    home = sum(runner.end == "score" for play in plays for runner in play.runners)
    assert plays == [] or plays[-1].away_score + plays[-1].home_score == home
