// The app of whoever is signed in: see service-worker.js.
navigator.serviceWorker?.register("/service-worker.js");
