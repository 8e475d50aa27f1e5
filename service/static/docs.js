// Swagger UI over our own description; nothing is asked of another host.
window.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("swagger");
  window.SwaggerUIBundle({ domNode: place, url: place.dataset.url, validatorUrl: null, deepLinking: true });
});
