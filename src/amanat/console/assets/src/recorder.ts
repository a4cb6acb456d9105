// A voice note: recorded here, heard again, and put with the files, or thrown away.
//
// Law: the microphone is open while it says so and the seconds run, and at no other time; nothing leaves the page before
// its form is sent.

import { inDigits } from "./clocks";
import { hand, named } from "./handed";

const MOST_SECONDS = 120;
const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus"];
const BITS = 24_000; // a second: speech is plain in opus, and two minutes are 360 kB

/** Offer to record beside each field for files that says so (`data-records`); its parts are the page's own words. */
export function recorders(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>(".recorder > [data-do=record]") : null;
    const parts = button?.closest<HTMLElement>(".recorder");
    if (parts) void record(parts);
  });
}

async function record(parts: HTMLElement): Promise<void> {
  const kind = KINDS.find((each) => MediaRecorder.isTypeSupported(each));
  const heard = await navigator.mediaDevices?.getUserMedia({ audio: true }).catch(() => null);
  if (!heard || kind === undefined) {
    state(parts, "none");
    return;
  }
  const recorder = new MediaRecorder(heard, { mimeType: kind, audioBitsPerSecond: BITS });
  const pieces: Blob[] = [];
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  const level = levels(parts, heard);
  const stop = (): void => {
    if (recorder.state !== "inactive") recorder.stop();
  };
  recorder.addEventListener("stop", () => {
    level();
    for (const track of heard.getTracks()) track.stop();
    if (parts.isConnected) made(parts, new Blob(pieces, { type: kind.split(";")[0] ?? kind }));
  });
  parts.querySelector("[data-do=stop]")?.addEventListener("click", stop, { once: true });
  state(parts, "recording");
  recorder.start(1000);
  runs(parts, recorder, stop);
}

/** Seconds run, up to the most that a note has. */
function runs(parts: HTMLElement, recorder: MediaRecorder, stop: () => void): void {
  const began = performance.now();
  const next = (): void => {
    if (recorder.state !== "recording") return;
    const seconds = Math.floor((performance.now() - began) / 1000);
    const shown = parts.querySelector("time");
    if (shown !== null) shown.textContent = inDigits(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
    if (seconds >= MOST_SECONDS || !parts.isConnected) stop();
    else setTimeout(next, 250);
  };
  next();
}

/** Show how loud it is; returns what ends that. */
function levels(parts: HTMLElement, heard: MediaStream): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(heard).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const meter = parts.querySelector("meter");
    if (meter !== null) meter.value = Math.min(1, 4 * Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** What was recorded can be heard, kept or thrown away. */
function made(parts: HTMLElement, note: Blob): void {
  const field = document.getElementById(parts.dataset["records"] ?? "");
  const player = parts.querySelector("audio");
  const address = URL.createObjectURL(note);
  if (player !== null) player.src = address;
  const end = (kept: boolean) => (): void => {
    if (kept && field instanceof HTMLInputElement) {
      hand(field, [new File([note], named("voice", note.type.endsWith("ogg") ? "ogg" : "webm"), { type: note.type })]);
    }
    player?.removeAttribute("src");
    URL.revokeObjectURL(address);
    state(parts, kept ? "kept" : "");
    choices.abort();
  };
  const choices = new AbortController();
  parts.querySelector("[data-do=keep]")?.addEventListener("click", end(true), { signal: choices.signal });
  parts.querySelector("[data-do=discard]")?.addEventListener("click", end(false), { signal: choices.signal });
  state(parts, "made");
}

/** Show the parts that belong to a state; each lists those it is shown in. */
function state(parts: HTMLElement, now: string): void {
  for (const part of parts.querySelectorAll<HTMLElement>("[data-when]")) {
    part.hidden = !(part.dataset["when"] ?? "").split(" ").includes(now === "" ? "ready" : now);
  }
}
