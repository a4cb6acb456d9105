// What makes pages live: htmx takes fragments from the node, idiomorph puts them in place without losing the reader's.
//
// Law: a page does all it does without this file. What htmx may do stands in the meta tag of base.html.

import "htmx.org";
import "idiomorph/htmx";
import "./passkey.ts";
