"""How long from send on one node until pixels in a browser on the other show it? 100 messages, one after the other.

Ours: two served nodes, a process each, with lines to one another on loopback; a record is posted at pk by the API, and
counts once a frame that has it was painted in Chromium at af, on a page that was open before: a MutationObserver finds
it, and the time is that of the second frame after, before which the first was drawn. Both clocks are this machine's.
The peer is what a browser cannot do without: the node's own word on its event stream, which a script of the same page
hears at the same moment. The last line is peer / ours at the median.
"""

import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import httpx
from playwright.sync_api import Page

from browsing import chromium, signed_in
from message import KIND, Desk, desks, message, shown
from message import page as page_of

TIMES, PAUSE, PATIENCE, WANTED = 100, 0.2, 20_000, 0.500
WATCH = """() => {
  const now = () => performance.timeOrigin + performance.now();
  window.heard = {}; window.painted = {};
  const told = ({data}) => { window.heard[JSON.parse(data).id] = now(); };
  new EventSource("/api/v1/events").addEventListener("accepted", told);
  const look = () => {
    for (const each of document.querySelectorAll("[id], [data-message]")) {
      const name = each.dataset.message ?? each.id;
      if (name in window.painted) continue;
      window.painted[name] = 0;
      requestAnimationFrame(() => requestAnimationFrame(() => { window.painted[name] = now(); }));
    }
  };
  look();
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""
"""A page whose elements that stand for records have the record's name in their id (`message.shown`)."""


def one(http: httpx.Client, writer: Desk, page: Page, number: int) -> tuple[float, float]:
    """Seconds from the sending of a message until the page's stream told of it, and until it was painted."""
    begun = time.time()
    sent = http.post(f"{writer.url}/api/v1/records", json=message(writer, number), headers=writer.headers(number))
    id_ = sent.raise_for_status().json()["id"]
    names = {"id": id_, "name": shown("pk", id_)}
    page.wait_for_function(
        "({id, name}) => window.painted[name] > 0 && id in window.heard", arg=names, timeout=PATIENCE
    )
    told, painted = page.evaluate("({id, name}) => [window.heard[id], window.painted[name]]", names)
    time.sleep(PAUSE)
    return told / 1e3 - begun, painted / 1e3 - begun


def main() -> None:
    """Send one after the other; print figures and the ratio."""
    with (
        tempfile.TemporaryDirectory() as place,
        desks(Path(place)) as nodes,
        chromium() as browser,
        signed_in(browser, nodes["af"], 1280, 800) as context,
        httpx.Client() as http,
    ):
        page = context.new_page()
        page.goto(nodes["af"].url + page_of(nodes["pk"]))
        page.evaluate(WATCH)
        page.wait_for_timeout(1_000)  # its streams have begun
        took = [one(http, nodes["pk"], page, number) for number in range(TIMES)]
    told, painted = ([each[at] for each in took] for at in (0, 1))
    last = quantiles(painted, n=100)[98]
    verdict = "in time" if last <= WANTED else f"late: {WANTED * 1e3:.0f} ms are wanted"
    print(
        f"{TIMES} of {KIND} to the page of a call: half painted within {median(painted) * 1e3:.0f} ms, "
        f"99 of 100 within {last * 1e3:.0f} ms ({verdict}); half told within {median(told) * 1e3:.0f} ms"
    )
    print(f"ratio told_vs_painted {median(told) / median(painted):.2f}")


if __name__ == "__main__":
    main()
