"""Transactions in the Stats API's format."""

from collections.abc import Iterable

from simulator.game_record import Transaction
from simulator.wire.codes import COPYRIGHT
from simulator.wire.reference_data import Body, ReferenceData


def render_transactions(moves: Iterable[Transaction], reference: ReferenceData) -> Body:
    """Return the body of `/api/v1/transactions`."""
    return {"copyright": COPYRIGHT, "transactions": [_render_transaction(move, reference) for move in moves]}


def _render_transaction(move: Transaction, reference: ReferenceData) -> Body:
    body: Body = {"id": move.id, "person": reference.person_ref(move.player)}
    for name, club in (("toTeam", move.to_club), ("fromTeam", move.from_club)):
        if club is not None:
            body[name] = reference.club_ref(club)
    return body | {
        "date": move.on.isoformat(),
        "effectiveDate": (move.effective_date or move.on).isoformat(),
        "resolutionDate": (move.resolution_date or move.on).isoformat(),
        "typeCode": move.type_code,
        "typeDesc": move.type_description,
        "description": move.description,
    }
