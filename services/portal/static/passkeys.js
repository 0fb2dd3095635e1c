// Forms that a passkey fills in. Without a script, or in a browser without passkeys, they stay hidden.
const knows = window.PublicKeyCredential?.parseRequestOptionsFromJSON;

async function answered(form) {
  const asked = await fetch(form.dataset.challenge, { method: "POST" });
  const answer = await asked.text(); // read in any case: leaving the page would break off what is not
  if (!asked.ok) throw new Error(asked.status === 403 ? "proof" : "refused");
  const { public_key: options } = JSON.parse(answer);
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(credential.toJSON());
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!knows) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    const field = form.elements.credential;
    if (field.value) return;
    event.preventDefault();
    const button = event.submitter;
    form.querySelector("[role=alert]").hidden = true;
    try {
      field.value = await answered(form);
      form.requestSubmit(button);
    } catch (error) {
      // Somebody changed their mind, has no passkey here, or has to prove more first: the page says which.
      if (error.message !== "proof") {
        form.querySelector("[role=alert]").hidden = false;
        return;
      }
      form.elements.do.value = "prove";
      form.submit();
    }
  });
}
