// Asks for permission, subscribes this browser with its maker's push service, and sends that with the form.
const form = document.querySelector("[data-push-key]");
const denied = document.querySelector("[data-push-denied]");

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

async function subscribed() {
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.pushKey) };
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    const before = await pushManager.getSubscription();
    if (!before) throw error;
    await before.unsubscribe(); // it was made with another key
    return pushManager.subscribe(options);
  }
}

async function send(event) {
  event.preventDefault();
  try {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
    const { endpoint, keys } = (await subscribed()).toJSON();
    Object.assign(form.elements.endpoint, { value: endpoint });
    Object.assign(form.elements.p256dh, { value: keys.p256dh });
    Object.assign(form.elements.auth, { value: keys.auth });
    form.submit();
  } catch {
    denied.hidden = false;
    denied.focus();
  }
}

// Which of the browsers listed is this one: by the hash of its address, as the service names it.
async function mark() {
  const subscription = await (await navigator.serviceWorker.ready).pushManager.getSubscription();
  if (!subscription) return;
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
  const id = [...new Uint8Array(hash)].map((each) => each.toString(16).padStart(2, "0")).join("");
  const entry = document.querySelector(`[data-device="${id}"]`);
  if (!entry) return;
  entry.querySelector("[data-this-one]").hidden = false;
  form.hidden = true;
}

if (form && "PushManager" in window) {
  form.hidden = false;
  form.addEventListener("submit", send);
  await mark();
}
