// What makes pages live: what happened comes in by itself, clocks go on, and all of it can be reached by keyboard.
//
// Law: a page does all it does without this file. What htmx may do stands in the meta tag of base.html.

import "htmx.org";

import { tick } from "./clocks";
import { once } from "./done";
import { keys } from "./keys";
import { live } from "./live";
import { maps } from "./map";
import { palette } from "./palette";
import { phrases } from "./phrases";
import { prints } from "./prints";
import { recorders } from "./recorder";
import { ring } from "./ring";
import { times } from "./times";
import { unsaved } from "./unsaved";
import "./passkey.ts";

const shell = document.getElementById("shell");
if (shell !== null) {
  tick(shell.dataset["now"] ?? "");
  const made = shell.dataset["since"];
  if (made !== undefined) live(Number(made)); // who has to choose a password first is told nothing yet
  ring();
  once();
  palette();
  prints();
  keys();
  unsaved();
  maps();
  phrases();
  times();
  recorders();
}
