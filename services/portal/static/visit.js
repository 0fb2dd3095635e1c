// Says that a shop's page is looked at: the page itself may come out of the gateway's cache, which nobody counts.
const { merchant } = document.querySelector("[data-merchant]").dataset;
fetch("/api/v1/visits", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ merchant_id: merchant, kind: "page" }),
  keepalive: true,
}).catch(() => {}); // a visit that is not counted is no trouble of the visitor's
