// What rings is heard and seen in any tab: a sound that goes on, the title, and the time that is left, second by second.
//
// Law: it rings until a part of the page says that nothing is urgent any more; a browser that lets nothing sound before a
// click is asked for one, and rings in the title meanwhile. Of the tabs of a browser one sounds.

import { inDigits, nodeNow } from "./clocks";

const SIGN = "☎";
const LOCK = "amanat-ring";

/** Hertz of the two tones, seconds of each, and of the whole, silence included. */
const TONES = [880, 660] as const;
const TONE = 0.4;
const ROUND = 2.4;
const LOUD = 0.25;

let sounds: AudioContext | null = null;
let silence: (() => void) | null = null;
let wanted = false;
let sign = false;

/** Ring for as long as something urgent stands among what rings. */
export function ring(): void {
  again();
  setInterval(again, 1_000);
  document.addEventListener("amanat:taken", again);
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-sounds]") !== null) open();
    // Whatever an officer presses lets a browser sound from then on.
    if (wanted) void sounds?.resume().then(offer, () => undefined);
  });
}

function again(): void {
  const part = document.getElementById("rings");
  wanted = part !== null && part.querySelector("[data-urgent]") !== null;
  sign = wanted && !sign;
  for (const each of part?.querySelectorAll<HTMLElement>(".ring") ?? []) {
    each.classList.toggle("is-here", location.href.startsWith(each.querySelector("a")?.href ?? "-"));
  }
  entitle(part?.dataset["sign"] ?? "");
  count();
  if (wanted) begin();
  else end();
  offer();
}

/** The title shows by turns the sign, and the sign with its word: one of them is seen however short a tab is. */
function entitle(word: string): void {
  const title = document.title.replace(/^☎[^☎]*☎ |^☎ /, "");
  const shown = !wanted ? title : sign ? `${SIGN} ${title}` : `${SIGN} ${word} ${SIGN} ${title}`;
  if (document.title !== shown) document.title = shown;
}

/** Show what is left of each clock: minutes and seconds. */
function count(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-until]")) {
    const left = Math.max(0, Math.ceil((Date.parse(place.dataset["until"] ?? "") - nodeNow()) / 1_000));
    const text = inDigits(`${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
    if (place.textContent !== text) place.textContent = text;
  }
}

/** Begin to sound, or try to once more: a browser that lets nothing sound yet may, a second later. */
function begin(): void {
  if (silence !== null) return;
  open();
  if (sounds?.state !== "running") return;
  let ended = (): void => undefined;
  const over = new Promise<void>((resolve) => (ended = resolve));
  silence = ended;
  const sound = async (): Promise<void> => {
    const stop = sounding();
    await over;
    stop();
  };
  if ("locks" in navigator) void navigator.locks.request(LOCK, () => (silence === ended ? sound() : undefined));
  else void sound();
}

function end(): void {
  silence?.();
  silence = null;
}

/** A browser complains of a page that sounds before anybody pressed anything on it. */
function open(): void {
  if (!navigator.userActivation.hasBeenActive) return;
  sounds ??= new AudioContext();
  if (sounds.state === "suspended") void sounds.resume().then(offer, () => undefined);
}

/** Let both tones go round by themselves: no timer of a hidden tab is on time. Return what ends them. */
function sounding(): () => void {
  if (sounds === null) return (): void => undefined;
  const context = sounds;
  const data = context.createBuffer(1, Math.round(context.sampleRate * ROUND), context.sampleRate);
  const wave = data.getChannelData(0);
  for (let at = 0; at < wave.length; at += 1) {
    const second = at / context.sampleRate;
    const tone = TONES[Math.floor(second / TONE) % 2] ?? TONES[0];
    const within = (second % TONE) / TONE;
    wave[at] = second < 4 * TONE ? LOUD * Math.sin(2 * Math.PI * tone * second) * Math.sin(Math.PI * within) : 0;
  }
  const source = context.createBufferSource();
  source.buffer = data;
  source.loop = true;
  source.connect(context.destination);
  source.start();
  return (): void => {
    source.stop();
    source.disconnect();
  };
}

/** Offer to turn the sound on where this browser lets nothing sound yet. */
function offer(): void {
  const button = document.querySelector<HTMLElement>("#rings [data-sounds]");
  if (button !== null) button.hidden = !wanted || sounds?.state === "running";
}
