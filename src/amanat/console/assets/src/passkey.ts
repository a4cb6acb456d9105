// Passkeys: a form is shown where the browser has them, asks the device, and is then sent as any other form is; elsewhere
// the page says that the browser has none.
//
// Law: what is asked and what is made of the answer stands at the node; a page does without this file what it can.

const ASKS = { new: "/passkeys/new", who: "/sign-in/passkey" } as const;

type What = keyof typeof ASKS;

// What the node asks of the device; null where it has something else to say, such as that the session is over.
async function asks(what: What) {
  const said = await fetch(ASKS[what], { headers: { accept: "application/json" } }).catch(() => null);
  return said?.ok && said.headers.get("content-type")?.startsWith("application/json") ? await said.json() : null;
}

async function answer(form: HTMLFormElement, what: What): Promise<Credential | null> {
  const asked = await asks(what);
  if (asked === null) {
    form.submit(); // without an answer: the page that follows says what is wrong
    return null;
  }
  return what === "new"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
}

function offer(form: HTMLFormElement): void {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    const field = form.elements.namedItem("answer");
    if (!(field instanceof HTMLInputElement) || field.value !== "") return;
    event.preventDefault();
    answer(form, form.dataset["passkey"] === "new" ? "new" : "who").then(
      (made) => {
        if (!(made instanceof PublicKeyCredential)) return;
        field.value = JSON.stringify(made.toJSON());
        form.requestSubmit();
      },
      // The officer, or the device, said no: the form stands as it stood.
      (error: unknown) => {
        if (!(error instanceof DOMException)) throw error;
      },
    );
  });
}

if ("PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential) {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) offer(form);
} else {
  for (const hint of document.querySelectorAll<HTMLElement>("[data-passkey=none]")) hint.hidden = false;
}
