// Passkeys: a form is shown where the browser has them, asks the device, and is then sent as any other form is.
//
// Law: what is asked and what is made of the answer stands at the node; a page does without this file what it can.

const ASKS = { new: "/passkeys/new", who: "/sign-in/passkey" } as const;

async function answer(what: keyof typeof ASKS): Promise<Credential | null> {
  const asked = await (await fetch(ASKS[what], { headers: { accept: "application/json" } })).json();
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
    answer(form.dataset["passkey"] === "new" ? "new" : "who").then(
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
}
