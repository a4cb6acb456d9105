// What happens at the node, told to every page of this browser by one stream: the page that holds the lock listens, and
// hands on what it hears. Where there are no locks (plain HTTP that is not of this machine) each page listens for itself.
//
// Law: a page misses nothing: it begins after the number that it was made at, and is told of all it cannot know.

export const TYPES = [
  "sent", "held", "draft", "accepted", "declined", "discarded", "answered", "withdrawn", "overdue", "erased", "papers",
  "line", "clock", "asked",
] as const;

/** What a page asks by itself says so, and keeps no session from ending: its officer may have left. */
export const BY_ITSELF = { "X-Amanat-By-Itself": "1" };

/** How the link to the node stands: `over` when nobody is signed in any more. */
export type Standing = "up" | "down" | "over";

type Message =
  | { is: "event"; type: string; number: number }
  | { is: "missed"; number: number }
  | { is: "caught-up"; rests: boolean }
  | { is: "standing"; standing: Standing; since: number; number: number }
  | { is: "asked" };

export interface Listener {
  /** Something of this type happened. */
  told(type: string): void;
  /** All that happened while the link was down was told. */
  caughtUp(): void;
  /** Whether the session rests: nobody knows who sits at it, and hardly anything is told. It may be said again. */
  rests(now: boolean): void;
  /** Some of what happened cannot be told. */
  missed(): void;
  /** The link stands so since then (milliseconds); it may be said again. */
  stands(standing: Standing, since: number): void;
}

const ADDRESS = "/api/v1/events";
const CHANNEL = "amanat-live";
const AGAIN_AFTER = 5_000;

/** The node says every 15 seconds that it lives: a line that died says nothing of it. */
const SILENCE = 40_000;

/** Listen for as long as the page is there, from the event `made` on, at which the page was made. */
export function listen(made: number, listener: Listener): void {
  const channel = new BroadcastChannel(CHANNEL);
  let known = made;

  function hear(message: Message): void {
    if (message.is === "event" && message.number <= known) return;
    switch (message.is) {
      case "event":
        listener.told(message.type);
        break;
      case "missed":
        known = message.number; // it may be lower: a node that was put back counts from where it was
        listener.missed();
        break;
      case "caught-up":
        listener.caughtUp();
        listener.rests(message.rests);
        break;
      case "standing":
        // The stream may have told something between the making of this page and its first question.
        if (message.number > known) TYPES.forEach((type) => listener.told(type));
        listener.stands(message.standing, message.since);
    }
    if ("number" in message) known = Math.max(known, message.number);
  }

  channel.onmessage = ({ data }: MessageEvent<Message>): void => hear(data);
  channel.postMessage({ is: "asked" } satisfies Message);
  const follow = (): Promise<void> => lead(() => known);
  if ("locks" in navigator) void navigator.locks.request(CHANNEL, follow);
  else void follow();
}

/** Hear the node and tell all pages, this one too, until nobody is signed in any more or the page is gone. */
function lead(known: () => number): Promise<void> {
  const pages = new BroadcastChannel(CHANNEL);
  const say = (message: Message): void => pages.postMessage(message);
  let standing: Standing = "up";
  let since = Date.now();
  let watch = 0;
  let end = (): void => undefined;

  const sayStanding = (): void => say({ is: "standing", standing, since, number: known() });
  function stand(now: Standing): void {
    if (now !== standing) since = Date.now();
    standing = now;
    sayStanding();
  }

  function begin(): void {
    const source = new EventSource(`${ADDRESS}?after=${known()}`);
    function alive(): void {
      clearTimeout(watch);
      watch = setTimeout(() => {
        source.close();
        stand("down");
        begin();
      }, SILENCE);
    }
    source.onopen = (): void => {
      alive();
      stand("up");
    };
    source.onerror = (): void => {
      if (standing === "up") stand("down");
      if (source.readyState === EventSource.CLOSED) void askWhy();
    };
    for (const type of TYPES) {
      source.addEventListener(type, ({ lastEventId }: MessageEvent) => {
        alive();
        say({ is: "event", type, number: Number(lastEventId) });
      });
    }
    source.addEventListener("reload", ({ lastEventId }: MessageEvent) => {
      say({ is: "missed", number: Number(lastEventId) });
    });
    source.addEventListener("here", ({ data }: MessageEvent<string>) => {
      alive();
      say({ is: "caught-up", rests: "rests" in (JSON.parse(data) as object) });
    });
    alive();
  }

  /** A stream that was refused does not come again by itself. */
  async function askWhy(): Promise<void> {
    clearTimeout(watch);
    const status = await fetch("/api/v1/session", { headers: BY_ITSELF }).then((answer) => answer.status, () => 0);
    if (status !== 401) {
      setTimeout(begin, AGAIN_AFTER);
      return;
    }
    stand("over");
    pages.close();
    end();
  }

  pages.onmessage = ({ data }: MessageEvent<Message>): void => {
    if (data.is === "asked") sayStanding();
  };
  begin();
  return new Promise((resolve) => (end = resolve));
}
