"""A node put back to an old copy, on the network: its peers are told why and wait, and it hears what it signed."""

from amanat.exchange import reconcile
from amanat.exchange.means import begin, look
from border import Border
from wire import connected, eventually


def heard(border: Border) -> dict[str, int]:
    with look(border.pk.means) as turn:
        (standing,) = reconcile.standing(turn)
    return standing.heard


def test_it_hears_its_witnesses_and_goes_on_once_it_is_let(border: Border) -> None:
    border.pk.send("af")
    border.settle()
    border.pk.hold_back()
    with connected(border) as nodes:
        sent = border.af.send("pk", text="waits")
        eventually(lambda: heard(border) == {"af": 1, "obs": 1})
        eventually(lambda: "signs nothing until" in nodes["af"].lines.standing()["pk"].says)
        assert border.pk.received() == []
        with begin(border.pk.means) as turn:
            reconcile.finish(turn)
        nodes["af"].lines.line("pk").press()
        eventually(lambda: border.af.delivery(sent, "pk") == "final")
