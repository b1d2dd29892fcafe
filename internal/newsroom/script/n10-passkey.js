// Passkeys (W3C WebAuthn, Level 3): a button with data-passkey asks for what the device needs, and gives its answer back.
(() => {
  const buttons = document.querySelectorAll("button[data-passkey]");
  if (!buttons.length) return;
  const none = document.querySelector("[data-passkey-none]"), fault = document.querySelector("[data-passkey-fault]");
  // Browsers know a publication by its name: an address of numbers has none (WebAuthn, 5.1.2, RP ID).
  const named = !/^[\d.]+$|^\[/.test(location.hostname);
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON || !window.isSecureContext || !named) {
    for (const button of buttons) button.hidden = true;
    none.hidden = false;
    return;
  }
  const post = async (path, body) => {
    const answer = await fetch(path, {method: "POST", body, headers: {Accept: "application/json"}});
    if (answer.redirected) { location = answer.url; throw null; }
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      fault.hidden = true;
      try {
        const {publicKey} = await post(button.dataset.passkey);
        const credential = "make" in button.dataset
          ? await navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey)})
          : await navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey)});
        location = (await post(button.dataset.answer, JSON.stringify(credential))).to;
      } catch (e) {
        if (e === null) return;
        fault.textContent = button.dataset.late;
        fault.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
