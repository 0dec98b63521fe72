"""Baseball Savant's CSV search: one line per pitch, in its 118 columns."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from simulator.game_record import GameRecord, Pitch, Play
from simulator.wire import codes
from simulator.wire.bases import BaseSituation, base_situations
from simulator.wire.people import split_name
from simulator.wire.pitch_matchups import Matchup, batter_and_pitcher_sides, matchups_by_pitch
from simulator.wire.play_events import counts_after
from simulator.wire.reference_data import ReferenceData

MAX_ROWS = 25_000  # the real search stops here without a sign of it
MISSING = "NA"
# fmt: off
COLUMNS = (
    "pitch_type", "game_date", "release_speed", "release_pos_x", "release_pos_z", "player_name", "batter",
    "pitcher", "events", "description", "spin_dir", "spin_rate_deprecated", "break_angle_deprecated",
    "break_length_deprecated", "zone", "des", "game_type", "stand", "p_throws", "home_team", "away_team",
    "type", "hit_location", "bb_type", "balls", "strikes", "game_year", "pfx_x", "pfx_z", "plate_x",
    "plate_z", "on_3b", "on_2b", "on_1b", "outs_when_up", "inning", "inning_topbot", "hc_x", "hc_y",
    "tfs_deprecated", "tfs_zulu_deprecated", "umpire", "sv_id", "vx0", "vy0", "vz0", "ax",
    "ay", "az", "sz_top", "sz_bot", "hit_distance_sc", "launch_speed", "launch_angle", "effective_speed",
    "release_spin_rate", "release_extension", "game_pk", "fielder_2", "fielder_3",
    "fielder_4", "fielder_5", "fielder_6", "fielder_7", "fielder_8", "fielder_9", "release_pos_y",
    "estimated_ba_using_speedangle", "estimated_woba_using_speedangle", "woba_value", "woba_denom",
    "babip_value", "iso_value", "launch_speed_angle", "at_bat_number", "pitch_number", "pitch_name",
    "home_score", "away_score", "bat_score", "fld_score", "post_away_score", "post_home_score",
    "post_bat_score", "post_fld_score", "if_fielding_alignment", "of_fielding_alignment", "spin_axis",
    "delta_home_win_exp", "delta_run_exp", "bat_speed", "swing_length",
    "estimated_slg_using_speedangle", "delta_pitcher_run_exp", "hyper_speed", "home_score_diff",
    "bat_score_diff", "home_win_exp", "bat_win_exp", "age_pit_legacy", "age_bat_legacy", "age_pit",
    "age_bat", "n_thruorder_pitcher", "n_priorpa_thisgame_player_at_bat", "pitcher_days_since_prev_game",
    "batter_days_since_prev_game", "pitcher_days_until_next_game", "batter_days_until_next_game",
    "api_break_z_with_gravity", "api_break_x_arm", "api_break_x_batter_in", "arm_angle", "attack_angle",
    "attack_direction", "swing_path_tilt", "intercept_ball_minus_batter_pos_x_inches",
    "intercept_ball_minus_batter_pos_y_inches",
)
# fmt: on
_DESCRIPTIONS = {
    "B": "ball",
    "*B": "blocked_ball",
    "C": "called_strike",
    "S": "swinging_strike",
    "W": "swinging_strike_blocked",
    "F": "foul",
    "T": "foul_tip",
    "L": "foul_bunt",
    "M": "missed_bunt",
    "O": "bunt_foul_tip",
    "X": "hit_into_play",
    "D": "hit_into_play",
    "E": "hit_into_play",
    "H": "hit_by_pitch",
    "I": "ball",
    "P": "pitchout",
    "Q": "swinging_pitchout",
    "R": "foul_pitchout",
}
_PITCH_NAMES = codes.PITCH_TYPES | {"FF": "4-Seam Fastball", "FS": "Split-Finger", "FT": "2-Seam Fastball"}
_BATTED = {
    "ground_ball": "ground_ball",
    "line_drive": "line_drive",
    "fly_ball": "fly_ball",
    "popup": "popup",
    "bunt_grounder": "ground_ball",
    "bunt_line_drive": "line_drive",
    "bunt_popup": "popup",
}
_WOBA = {"walk": 0.7, "hit_by_pitch": 0.7, "single": 0.9, "double": 1.25, "triple": 1.6, "home_run": 2}
_NUMBERED = {"C": 2, "1B": 3, "2B": 4, "3B": 5, "SS": 6, "LF": 7, "CF": 8, "RF": 9}
_BLANK: dict[str, Any] = dict.fromkeys(COLUMNS, MISSING) | {
    "events": "",
    "bb_type": "",
    "des": "",
    "if_fielding_alignment": "",
    "of_fielding_alignment": "",
}
Row = dict[str, Any]


def render_csv(games: Iterable[tuple[GameRecord, ReferenceData]]) -> str:
    """Return the CSV of some games' pitches; like the real search it stops silently at 25,000 rows."""
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    rows = (row for game, reference in games for row in pitch_rows(game, reference))
    for _, row in zip(range(MAX_ROWS), rows, strict=False):
        writer.writerow(row)
    return text.getvalue()


def pitch_rows(game: GameRecord, reference: ReferenceData) -> Iterator[Row]:
    """Yield a row for every pitch thrown, in order."""
    game_columns = _BLANK | _game_columns(game, reference)
    fielders = {is_top: _fielder_columns(game, is_home=is_top) for is_top in (True, False)}
    score = (0, 0)
    for number, (play, bases) in enumerate(
        zip(game.plays, base_situations(game.plays), strict=True), start=1
    ):
        plate_appearance = (
            game_columns | fielders[play.is_top] | _plate_appearance_columns(number, play, bases)
        )
        after = (play.away_score, play.home_score)
        by_pitch = matchups_by_pitch(play)
        rows = {matchup: _matchup_columns(matchup, play, reference) for matchup in set(by_pitch)}
        matchups = [rows[matchup] for matchup in by_pitch]
        yield from _plate_appearance_rows(play, plate_appearance, matchups, score, after)
        score = after


def _game_columns(game: GameRecord, reference: ReferenceData) -> Row:
    return {
        "game_date": game.official_date.isoformat(),
        "game_type": game.game_type,
        "home_team": reference.clubs[game.home].abbreviation,
        "away_team": reference.clubs[game.away].abbreviation,
        "game_year": game.season,
        "game_pk": game.game_pk,
        "sz_top": 3.4,
        "sz_bot": 1.6,
    }


def _fielder_columns(game: GameRecord, *, is_home: bool) -> Row:
    """Return the starters by position; game records do not say when fielders changed."""
    row: Row = {}
    for line in game.appearances:
        number = _NUMBERED.get(line.positions[0])
        if number and line.is_home is is_home and (line.batting_order or "").endswith("00"):
            row[f"fielder_{number}"] = line.player
    return row


def _matchup_columns(matchup: Matchup, play: Play, reference: ReferenceData) -> Row:
    first, last = split_name(reference.people[matchup.batter].full_name)
    stand, throws = batter_and_pitcher_sides(matchup, play, reference)
    return {
        "player_name": f"{last}, {first}",
        "batter": matchup.batter,
        "pitcher": matchup.pitcher,
        "stand": stand,
        "p_throws": throws,
    }


def _plate_appearance_columns(number: int, play: Play, bases: BaseSituation) -> Row:
    return {
        "des": play.description,
        "outs_when_up": play.outs_before,
        "inning": play.inning,
        "inning_topbot": "Top" if play.is_top else "Bot",
        "at_bat_number": number,
        **{f"on_{base.lower()}": runner for base, runner in bases.before.items()},
    }


def _plate_appearance_rows(
    play: Play,
    plate_appearance: Row,
    matchups: Sequence[Row],
    before: tuple[int, int],
    after: tuple[int, int],
) -> Iterator[Row]:
    count = (0, 0)
    last = len(play.pitches) - 1
    for number, (pitch, next_count) in enumerate(zip(play.pitches, counts_after(play.pitches), strict=True)):
        if pitch.call not in codes.NOT_THROWN:
            score = _score_columns(play.is_top, before, after if number == last else before)
            row = plate_appearance | matchups[number] | _pitch_columns(pitch) | score
            row |= {"pitch_number": number + 1, "balls": min(count[0], 3), "strikes": min(count[1], 2)}
            yield row | (_outcome_columns(play, pitch) if number == last else {})
        count = next_count


def _pitch_columns(pitch: Pitch) -> Row:
    in_play, ball = pitch.call in codes.IN_PLAY, pitch.call in codes.BALLS
    measured = {
        "pitch_type": pitch.pitch_type,
        "pitch_name": _PITCH_NAMES.get(pitch.pitch_type or ""),
        "release_speed": pitch.start_speed,
        "effective_speed": pitch.start_speed,
        "release_spin_rate": pitch.spin_rate,
        "release_extension": pitch.extension,
        "plate_x": pitch.plate_x,
        "plate_z": pitch.plate_z,
        "zone": pitch.zone,
        "launch_speed": pitch.launch_speed,
        "launch_angle": pitch.launch_angle,
        "hit_distance_sc": pitch.hit_distance,
    }
    columns = {"description": _DESCRIPTIONS[pitch.call], "type": "X" if in_play else "B" if ball else "S"}
    return columns | {name: value for name, value in measured.items() if value is not None}


def _score_columns(is_top: bool, before: tuple[int, int], after: tuple[int, int]) -> Row:
    bat, field = (0, 1) if is_top else (1, 0)
    return {
        "away_score": before[0],
        "home_score": before[1],
        "bat_score": before[bat],
        "fld_score": before[field],
        "post_away_score": after[0],
        "post_home_score": after[1],
        "post_bat_score": after[bat],
        "post_fld_score": after[field],
    }


def _outcome_columns(play: Play, pitch: Pitch) -> Row:
    """Return the columns of a play's last pitch; wOBA, BABIP and ISO values are Savant's."""
    event = play.event_type
    bases = codes.HITS.get(event, 0)
    in_play = pitch.call in codes.IN_PLAY
    row: Row = {
        "events": event,
        "woba_value": _WOBA.get(event, 0),
        "woba_denom": int(event not in ("intent_walk", "sac_bunt", "catcher_interf")),
        "babip_value": int(0 < bases < 4),
        "iso_value": max(bases - 1, 0),
    }
    if in_play and play.trajectory:
        row["bb_type"] = _BATTED[play.trajectory]
    if in_play and play.hit_location:
        row["hit_location"] = play.hit_location
    return row
