// The app of whoever is signed in (service-worker.js), and whose it is: a page that knows says so in `data-person`.
// That is empty where somebody signs in.
const { person } = document.body.dataset;
if (person) {
  await self.waiting.belongTo(person);
  await navigator.serviceWorker?.register("/service-worker.js");
} else if (person === "" && (await navigator.serviceWorker?.getRegistration())) await self.waiting.belongToNobody();
