// Draws one service's OpenAPI document with Swagger UI, which speaks to this host only.
const place = document.getElementById("documentation");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  // Without it, Swagger UI would send the document's address to a checker on another host.
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // The token is kept in this tab and nowhere else.
  persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis],
});
