/* What shop and back office share: dialogs, messages, busy buttons, refusals of the network. It comes first in both bundles.
   Everything here improves a page that works without it; all listeners are delegated, so swapped content needs no set-up. */
'use strict';
const words = document.body?.dataset ?? {};
const on = (type, selector, act) => document.addEventListener(type, (event) => {
  const found = event.target instanceof Element && event.target.closest(selector);
  if (found) act(found, event);
});
const byId = (id) => document.getElementById(id);

/* ── messages ── */
function say(text, { bad = false, label, act, stay = false } = {}) {
  const region = byId('toasts');
  if (!region) return;
  const toast = document.createElement('div');
  toast.className = bad ? 'toast toast--bad' : 'toast';
  if (bad) toast.setAttribute('role', 'alert');
  toast.append(Object.assign(document.createElement('span'), { textContent: text }));
  if (label) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: label });
    button.addEventListener('click', () => { toast.remove(); act(); });
    toast.append(button);
  }
  const close = Object.assign(document.createElement('button'), { type: 'button', className: 'toast__close', textContent: '×' });
  close.setAttribute('aria-label', words.dismiss || '×');
  close.addEventListener('click', () => toast.remove());
  toast.append(close);
  region.append(toast);
  if (!stay && !bad) leaveLater(toast);
}
function leaveLater(toast) {
  let left = setTimeout(() => toast.remove(), 10000);
  for (const stop of ['mouseenter', 'focusin']) toast.addEventListener(stop, () => clearTimeout(left));
  for (const go of ['mouseleave', 'focusout']) toast.addEventListener(go, () => { left = setTimeout(() => toast.remove(), 4000); });
}
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) if (node.matches?.('[data-toast]:not(.toast--bad)')) leaveLater(node);
}).observe(byId('toasts') ?? document.createElement('i'), { childList: true });
document.querySelectorAll('#toasts [data-toast]:not(.toast--bad)').forEach(leaveLater);
on('click', '[data-close-toast]', (button) => button.closest('.toast').remove());

/* ── dialogs: focus goes back to the opener by itself, a click beside the dialog closes it ── */
function open(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}
on('click', '[data-open]', (button, event) => { const dialog = byId(button.dataset.open); if (dialog) { event.preventDefault(); open(dialog); } });
on('click', '[data-close]', (button, event) => { const dialog = button.closest('dialog'); if (dialog) { event.preventDefault(); dialog.close(); } });
document.addEventListener('click', (event) => { if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close(); });

/* ── menus made of <details>: Escape and a click elsewhere close them ── */
const openMenus = () => document.querySelectorAll('details[data-menu][open]');
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of openMenus()) { menu.open = false; menu.querySelector('summary').focus(); }
});
document.addEventListener('click', (event) => { for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false; });

/* ── forms ── */
on('click', '[data-show-password]', (button) => {
  const field = byId(button.dataset.showPassword);
  const text = button.querySelector('[data-text]');
  const shown = field.type === 'password';
  button.dataset.showText ??= text.textContent;
  field.type = shown ? 'text' : 'password';
  text.textContent = shown ? button.dataset.hideText : button.dataset.showText;
  button.setAttribute('aria-pressed', shown);
});
on('submit', 'form[data-once]', (form, event) => {
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = '1';
  event.submitter?.setAttribute('aria-busy', 'true');
});
window.addEventListener('pageshow', () => { // coming back from the cache of the browser: the form may be sent again
  document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent);
  document.querySelectorAll('button[aria-busy]').forEach((button) => button.removeAttribute('aria-busy'));
});
on('submit', 'form[data-confirm]', (form, event) => { if (!window.confirm(form.dataset.confirm)) { event.preventDefault(); event.stopImmediatePropagation(); } });
on('click', '[data-copy]', (button) => navigator.clipboard?.writeText(button.dataset.copy).then(() => say(words.copied)));
on('click', '[data-print]', () => window.print());
function focusMarked(root = document) { root.querySelector?.('[data-focus]')?.focus(); }
focusMarked();

/* Show or hide what belongs to a tick: data-show-unless="name of the checkbox". */
function followTicks(root = document) {
  for (const part of root.querySelectorAll('[data-show-unless]')) {
    const tick = part.closest('form')?.elements[part.dataset.showUnless];
    if (tick) part.hidden = tick.checked;
  }
}
document.addEventListener('change', (event) => { if (event.target.type === 'checkbox') followTicks(); });
followTicks();

/* ── htmx: the thing that was pressed shows that it works; a failure says so and can be tried again ── */
const pressed = new WeakMap();
const askedBy = (event) => event.detail?.ctx;
document.addEventListener('htmx:before:request', (event) => {
  const ctx = askedBy(event);
  const source = ctx?.sourceElement;
  if (!source) return;
  const button = ctx.request?.submitter ?? (source.matches?.('form') ? source.querySelector('[type=submit]:not(.nojs)') : source);
  const mark = button?.matches?.('button, .btn') ? button : source;
  pressed.set(ctx, [mark, setTimeout(() => mark.setAttribute('aria-busy', 'true'), 150)]);
});
function settle(event) {
  const [mark, timer] = pressed.get(askedBy(event)) ?? [];
  clearTimeout(timer);
  mark?.removeAttribute('aria-busy');
}
document.addEventListener('htmx:finally:request', settle);
function failed(event, text) {
  const source = askedBy(event)?.sourceElement;
  settle(event);
  say(text, { bad: true, label: words.retry, act: () => {
    if (!source?.isConnected) return window.location.reload();
    if (source.matches('form')) source.requestSubmit(); else window.htmx.trigger(source, source.matches('input, select, textarea') ? 'change' : 'click');
  } });
}
document.addEventListener('htmx:error', (event) => failed(event, navigator.onLine ? words.failed : words.offline));
document.addEventListener('htmx:response:error', (event) => { if (askedBy(event)?.response?.status >= 500) failed(event, words.failed); });
document.addEventListener('htmx:after:swap', (event) => { followTicks(); focusMarked(askedBy(event)?.target ?? undefined); });
