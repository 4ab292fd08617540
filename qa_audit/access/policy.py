"""The policy: which role may do what, in one readable table, and the separation of duties.

Deny by default. The table is practice.md's roles; separation rules (no one audits their own team,
no one moderates their own audit, blind until graded) beat every role and are asked with the facts
of the case.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qa_audit.errors import Code, NotAllowed

ROLES: dict[str, str] = {
    "qa_lead": "QA lead or unit",
    "auditor": "Auditor (practice, team or service manager, IRO, senior)",
    "moderator": "Moderator",
    "manager": "Practice or team manager",
    "worker": "Worker",
    "peer_reviewer": "Peer reviewer of a partner council",
    "head_of_service": "Head of service, assistant director or director",
    "board_reader": "Board or scrutiny reader",
    "data_support": "Data and business support",
    "system_admin": "System administrator",
}

_Q, _A, _M, _T, _W, _P, _H, _B, _D, _S = ROLES
_ALL_STAFF = {_Q, _A, _M, _T, _W, _P, _H, _D}

ACTIONS: dict[str, tuple[str, set[str]]] = {
    # action: (what it is, in words that finish "You may not ...", roles that may)
    "people.read": ("see the people of the service", {_Q, _S, _H, _D}),
    "people.change": ("add people or change their roles", {_S, _Q}),
    "settings.change": ("change the council's settings", {_Q, _S}),
    "trail.read": ("read the trail of changes", {_Q, _S}),
    "frame.import": ("import a list of children", {_Q, _D}),
    "frame.read": ("see the list of children", {_Q, _D}),
    "round.read": ("see the programme of audits", {_Q, _A, _M, _T, _H, _D, _P}),
    "round.plan": ("plan or change a round", {_Q}),
    "sample.draw": ("draw a sample", {_Q}),
    "allocate": ("allocate audits", {_Q}),
    "conflict.declare": ("declare a conflict", _ALL_STAFF),
    "audit.work": ("fill in audits", {_A, _P, _Q, _M, _T}),
    "audit.list_all": ("see every audit", {_Q, _H}),
    "audit.read_final": ("read a finished audit", {_Q, _H, _T, _A, _M, _W, _P}),
    "audit.exempt": ("exempt or withdraw an audit", {_H, _Q}),
    "audit.respond": ("answer for the worker", {_W, _T}),
    "moderation.work": ("moderate audits", {_M, _Q}),
    "moderation.manage": ("allocate moderation and convene panels", {_Q}),
    "panel.decide": ("decide at a moderation panel", {_Q, _H}),
    "calibration.manage": ("run calibration exercises", {_Q}),
    "calibration.take": ("take part in calibration", {_A, _M, _Q, _P, _T}),
    "audit.dispute": ("accept or dispute a moderated grade", {_A, _P, _Q, _M, _T}),
    "alert.raise": ("raise a safeguarding alert", _ALL_STAFF),
    "alert.read": ("see safeguarding alerts", {_Q, _T, _H, _A, _M}),
    "alert.act": ("acknowledge or act on an alert", {_Q, _T, _H}),
    "action.read": ("see actions", {_Q, _A, _M, _T, _W, _H}),
    "action.update": ("update an action", {_Q, _T, _A, _H}),
    "action.verify": ("verify that an action helped", {_Q, _M, _T, _A}),
    "recovery.record": ("record the recovery plan of an Inadequate case", {_Q, _H, _T}),
    "theme.code": ("code themes", {_Q, _M}),
    "report.read": ("see results", {_Q, _H, _M}),
    "report.export": ("export results", {_Q, _H}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person, with what the policy and the trail need to know of them."""

    person_id: str
    code: str
    display: str
    roles: frozenset[str]
    team: str = ""
    service: str = ""
    organisation: str = ""
    manages: frozenset[str] = frozenset()
    conflicts: frozenset[tuple[str, str]] = field(default=frozenset())

    @property
    def acting_role(self) -> str:
        """The roles they hold, in the policy's order, for the trail."""
        return "+".join(role for role in ROLES if role in self.roles) or "none"

    def may(self, action: str) -> bool:
        """True when one of their roles allows the action (before any case's facts are asked)."""
        return bool(self.roles & ACTIONS[action][1])

    @property
    def own_teams(self) -> frozenset[str]:
        """Their own team and every team they manage."""
        return self.manages | ({self.team} if self.team else frozenset())


def require(actor: Actor, action: str) -> None:
    """Refuse unless a role of the actor allows the action."""
    if not actor.may(action):
        words = ACTIONS[action][0]
        roles = ", ".join(sorted(ROLES[role] for role in ACTIONS[action][1]))
        raise NotAllowed(
            Code.NOT_ALLOWED,
            f"You may not {words}",
            why=f"Your roles do not allow it; this is for: {roles}",
            next_step="Ask the QA lead if your role should change",
        )


@dataclass(frozen=True, slots=True)
class CaseTies:
    """What ties people to a case: its team, worker, child, and who decided on it before."""

    team: str = ""
    worker: str = ""
    child_key: str = ""
    case_ref: str = ""
    auditor_ids: frozenset[str] = frozenset()
    decided_by: frozenset[str] = frozenset()


def tie_of(actor: Actor, ties: CaseTies, *, moderating: bool = False) -> str | None:
    """Why this person must not audit (or moderate) this case, in plain words; None when nothing ties them.

    Rules S1-S3 of the separation of duties: not one's own audit when moderating, not one's own or a
    managed team's case, not a case one holds or has decided on, no declared conflict.
    """
    if moderating and actor.person_id in ties.auditor_ids:
        return "they audited this case"
    if ties.team and _same(ties.team, *actor.own_teams):
        return "the case is in their own team"
    if ties.worker and _same(ties.worker, actor.display, actor.code):
        return "they are the case's worker"
    if actor.person_id in ties.decided_by:
        return "they have made a decision on this case"
    declared = {"child": (ties.child_key, ties.case_ref), "worker": (ties.worker,), "team": (ties.team,)}
    if any(key and _same(key, *declared[kind]) for kind, key in actor.conflicts):
        return "they declared a conflict"
    return None


def _same(name: str, *others: str) -> bool:
    """Lists and people write the same team in other letters and spaces; a tie is a tie all the same."""
    return " ".join(name.casefold().split()) in {" ".join(other.casefold().split()) for other in others}


def require_untied(actor: Actor, ties: CaseTies, *, moderating: bool = False) -> None:
    """Refuse when the actor is tied to the case; asked at allocation, at opening and at submission."""
    if tie := tie_of(actor, ties, moderating=moderating):
        raise NotAllowed(
            Code.NOT_ALLOWED,
            "This case is not yours to " + ("moderate" if moderating else "audit"),
            why=f"Separation of duties: {tie.replace('they', 'you', 1).replace('their', 'your')}",
            next_step="Ask the QA lead to give it to somebody else",
        )
