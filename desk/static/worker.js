/** Shows notifications where pages may not do so themselves (phones), and opens their page on a click. */
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
