"""Officers and programs who ask a party's node over HTTP: a session or a token for each role, all invented."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from amanat.exchange.caller import COOKIE, form_word
from amanat.exchange.means import begin, look
from amanat.officer import account, audit, sessions, tokens
from amanat.officer.audit import Entry, Outcome, Search
from amanat.officer.may import NEVER_BY_TOKEN, Act, Role, permitted
from amanat.officer.tokens import Wanted
from amanat.party.lexicon import Language
from officer.cast import add
from side import Side
from wire import TRUST, Node, free_port, serve

API = "/api/v1"
POSTS: Mapping[Role, str] = {"approver": "torkham/chief"}

SignIn = Callable[..., httpx.Response]
"""Signs in on a page as the officer of a role, with whatever else is typed there."""


@dataclass
class Desk:
    """A served node, and its officers, one for each role."""

    node: Node
    http: httpx.Client
    officers: dict[str, account.Officer] = field(default_factory=dict)

    @property
    def side(self) -> Side:
        return self.node.side

    def officer(self, role: Role) -> account.Officer:
        """The officer of that role and no other; hired when first asked for."""
        if role not in self.officers:
            with begin(self.side.means) as turn:
                self.officers[role] = add(turn.tx, f"x.{role}", role, post=POSTS.get(role, "torkham/duty"))
        return self.officers[role]

    def session(self, role: Role) -> dict[str, str]:
        """The headers that a page of a new session sends."""
        officer = self.officer(role)
        with begin(self.side.means) as turn:
            cookie = sessions.start(turn.tx, officer, os.urandom(sessions.SECRET_BYTES), turn.now)
        return {"cookie": f"{COOKIE}={cookie}", "x-amanat-form": form_word(cookie)}

    def token(self, role: Role, *scope: str) -> dict[str, str]:
        """The headers that a program sends, for all that the role may or for `scope`."""
        return self.new_token(role, *scope)[0]

    def new_token(self, role: Role, *scope: str) -> tuple[dict[str, str], int]:
        """Those headers, and the token's number."""
        wanted = Wanted("a program", frozenset(scope) or permitted([role]) - NEVER_BY_TOKEN)
        officer = self.officer(role)
        with begin(self.side.means) as turn:
            secret = os.urandom(tokens.SECRET_BYTES)
            token, shown = tokens.new(turn.tx, officer, wanted, secret, turn.now)
        return {"authorization": f"Bearer {shown}"}, token.id

    def speak(self, role: Role, language: Language) -> None:
        """Let the officer of that role read that language."""
        officer = self.officer(role)
        with begin(self.side.means) as turn:
            account.speak(turn.tx, officer.id, language)

    def noted(self, act: Act | None = None, subject: str = "", by: Role | None = None) -> list[Entry]:
        """What was done here, oldest first: each such act, on that, by the officer of that role, where these are said."""
        officer = None if by is None else self.officer(by).id
        with look(self.side.means) as turn:
            return audit.search(turn.tx, Search(officer, subject, act, limit=10_000))[::-1]

    def outcomes(self, act: Act, subject: str = "") -> list[Outcome]:
        """How each such act on it ended, oldest first."""
        return [each.outcome for each in self.noted(act, subject)]

    def ask(self, role: Role, method: str, path: str, **given: Any) -> httpx.Response:
        """Ask as an officer of that role would from a page."""
        return self.http.request(method, f"{API}{path}", headers=self.session(role), **given)

    def get(self, role: Role, path: str, **query: Any) -> Any:
        """What is answered with 200."""
        answer = self.ask(role, "GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, role: Role, path: str, **query: Any) -> list[Any]:
        """All items of a list, page by page, two on each but the last."""
        page = self.get(role, path, limit=2, **query)
        found = list[Any](page["items"])
        while page["next"] is not None:
            assert len(page["items"]) == 2
            page = self.get(role, path, limit=2, cursor=page["next"], **query)
            found += page["items"]
        return found

    def send(self, role: Role = "duty", text: str = "a lorry", **changes: Any) -> Any:
        """Send a report as that officer."""
        answer = self.ask(role, "POST", "/records", json=draft(text) | changes)
        assert answer.status_code == 201, answer.text
        return answer.json()


@contextmanager
def desk(side: Side) -> Iterator[Desk]:
    """Serve a party's node."""
    with serve(side, free_port()) as node, httpx.Client(base_url=node.url, timeout=30, verify=TRUST) as http:
        yield Desk(node, http)


def draft(text: str = "a lorry") -> dict[str, Any]:
    """A report that names nobody, for which no second person is asked."""
    return {"kind": "intelligence.report", "compact": "pk-af", "to": ["af"], "body": {"text": text}}


def person(text: str = "a person") -> dict[str, Any]:
    """What makes a draft one that names a person, and that waits for its second person."""
    return {
        "body": {"text": text, "names_person": True},
        "handling": {
            "tlp": "TLP:AMBER",
            "codes": ["H1", "H2"],
            "legal_basis": "criminal-procedure",
            "grading": {"scheme": "4x4", "source": "B", "information": "2"},
            "custody_risk": {
                "torture": "low",
                "death_penalty": "none",
                "not_obtained_by_torture": True,
                "basis": "assessed by the desk",
            },
        },
    }
