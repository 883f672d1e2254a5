/** Shows notifications where a page may not do so itself (phones), and opens what they are about. */
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = event.notification.tag;
  const show = async () => {
    const [open] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (open) await open.focus().then((page) => page.navigate(path));
    else await self.clients.openWindow(path);
  };
  event.waitUntil(show().catch(() => self.clients.openWindow(path)));
});
