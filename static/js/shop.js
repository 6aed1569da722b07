/* The storefront's own improvements; common.js stands before it in the bundle. */

/* ── quantity ── */
function stepQuantity(box, by) {
  const field = box.querySelector('input');
  const before = field.value;
  const least = Number(field.min || 0);
  const most = field.max === '' ? Infinity : Number(field.max);
  field.value = Math.min(most, Math.max(least, (Number(field.value) || 0) + by));
  if (field.value !== before) field.dispatchEvent(new Event('change', { bubbles: true }));
}
function boundQuantity(box) {
  const field = box.querySelector('input');
  const [less, more] = box.querySelectorAll('[data-step]');
  if (!more) return;
  less.disabled = Number(field.value) <= Number(field.min || 0);
  more.disabled = field.max !== '' && Number(field.value) >= Number(field.max);
}
on('click', '[data-step]', (button) => stepQuantity(button.closest('[data-qty]'), Number(button.dataset.step)));
on('change', '[data-qty] input', (field) => boundQuantity(field.closest('[data-qty]')));

/* ── search: the field becomes a combobox once there is something to choose from; the form works without it ── */
const listOf = (field) => byId(field.dataset.combobox);
const rowsOf = (list) => [...list.querySelectorAll('[role=option]')].filter((row) => row.offsetParent);
function showList(field, shown) {
  const list = listOf(field);
  list.hidden = !shown;
  field.setAttribute('aria-expanded', shown);
  chooseRow(field, null);
}
function chooseRow(field, row) {
  listOf(field).querySelectorAll('[aria-selected=true]').forEach((other) => other.setAttribute('aria-selected', 'false'));
  if (!row) { field.removeAttribute('aria-activedescendant'); return; }
  row.setAttribute('aria-selected', 'true');
  row.scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-activedescendant', row.id);
}
on('focusin', '[data-combobox]', (field) => {
  if (field.getAttribute('role') === 'combobox') return;
  for (const [name, value] of [['role', 'combobox'], ['aria-expanded', 'false'], ['aria-controls', field.dataset.combobox], ['aria-autocomplete', 'list'], ['aria-haspopup', 'listbox']]) field.setAttribute(name, value);
});
document.addEventListener('htmx:after:swap', (event) => {
  const field = askedBy(event)?.sourceElement;
  if (!field?.matches?.('[data-combobox]')) return;
  const list = listOf(field);
  list.querySelectorAll('[role=option]').forEach((row, i) => { row.id = `${list.id}-${i}`; });
  const wanted = document.activeElement === field && field.value.trim() !== '' && list.querySelector('[role=option]') !== null;
  showList(field, wanted);
  byId(`${list.id}-said`).textContent = document.activeElement === field ? list.querySelector('[data-say]')?.textContent ?? '' : '';
});
on('input', '[data-combobox]', (field) => { if (field.value.trim() === '') { listOf(field).replaceChildren(); showList(field, false); } });
on('keydown', '[data-combobox]', (field, event) => {
  const list = listOf(field);
  const rows = list.hidden && event.key !== 'ArrowDown' ? [] : [...list.querySelectorAll('[role=option]')];
  const at = rows.findIndex((row) => row.getAttribute('aria-selected') === 'true');
  if (event.key === 'Escape' && !list.hidden) { event.preventDefault(); showList(field, false); return; }
  if (event.key === 'Enter' && at >= 0) { event.preventDefault(); rows[at].click(); return; }
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || !rows.length) return;
  event.preventDefault();
  if (list.hidden) showList(field, true);
  const seen = rowsOf(list);
  const now = seen.indexOf(rows[at]) + by; // beyond either end stands the field itself
  chooseRow(field, at < 0 ? (by > 0 ? seen[0] : seen.at(-1)) : seen[now] ?? null);
});
on('focusout', '.search', (form, event) => {
  const field = form.querySelector('[data-combobox]');
  if (field && !form.contains(event.relatedTarget)) showList(field, false);
});

/* ── cart drawer: opened by the cart link and after adding; on the cart page the link just leads there ── */
const drawer = () => byId('cart-drawer');
document.addEventListener('htmx:confirm', (event) => {
  const source = askedBy(event)?.sourceElement;
  if (source?.matches?.('[data-open-cart]') && byId('cart-page')) event.preventDefault();
});
on('click', '[data-open-cart]', (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (byId('cart-page')) { byId('cart-page').scrollIntoView(); return; }
  open(drawer());
});
document.addEventListener('htmx:after:swap', (event) => {
  const ctx = askedBy(event);
  if (ctx?.sourceElement?.matches?.('[data-add-to-cart]') && ctx.response?.status < 300) open(drawer());
});

/* ── gallery ── */
function markPicture(gallery) {
  const main = gallery.querySelector('.gallery__main');
  const shown = Math.round(main.scrollLeft / Math.max(1, main.clientWidth));
  gallery.querySelectorAll('.thumbs a').forEach((thumb, i) => (i === shown ? thumb.setAttribute('aria-current', 'true') : thumb.removeAttribute('aria-current')));
}
on('click', '.thumbs a', (thumb, event) => {
  event.preventDefault();
  const gallery = thumb.closest('[data-gallery]');
  const main = gallery.querySelector('.gallery__main');
  main.scrollTo({ left: main.clientWidth * [...thumb.parentNode.children].indexOf(thumb) });
  setTimeout(() => markPicture(gallery), 60);
});
document.addEventListener('scrollend', (event) => { const gallery = event.target.closest?.('[data-gallery]'); if (gallery) markPicture(gallery); }, true);
on('keydown', '.gallery__main', (main, event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by) return;
  event.preventDefault();
  main.scrollBy({ left: by * main.clientWidth });
});
on('keydown', '.gallery__main', (main, event) => {
  if (event.key !== 'Enter' || event.target !== main) return;
  main.querySelectorAll('[data-zoom]')[Math.round(main.scrollLeft / Math.max(1, main.clientWidth))]?.click();
});
on('click', '[data-zoom]', (link, event) => {
  const dialog = byId(link.dataset.zoom);
  if (!dialog || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const large = Object.assign(new Image(), { src: link.href, alt: link.querySelector('img').alt });
  dialog.querySelector('[data-zoom-slot]').replaceChildren(large);
  dialog.classList.remove('zoom--in');
  open(dialog);
});
on('keydown', '.zoom', (dialog, event) => { // the arrows turn the pages of the enlarged pictures, too
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const links = [...document.querySelectorAll('[data-zoom]')];
  const at = links.findIndex((link) => link.href === dialog.querySelector('[data-zoom-slot] img')?.src);
  if (!by || at < 0 || links.length < 2) return;
  event.preventDefault();
  links[(at + by + links.length) % links.length].click();
});
on('click', '[data-zoom-slot] img', (image) => image.closest('dialog').classList.toggle('zoom--in'));

/* ── recently seen: this browser remembers it by itself, and asks for the cards when it has some ── */
const seen = {
  read() { try { return JSON.parse(localStorage.getItem('seen')) || []; } catch { return []; } },
  write(ids) { try { localStorage.setItem('seen', JSON.stringify(ids)); } catch { /* not allowed to: then not */ } },
};
async function showSeen(section) {
  const own = section.dataset.seenId;
  const others = seen.read().filter((id) => id !== own);
  if (own) seen.write([own, ...others].slice(0, 9));
  if (!others.length) return;
  const query = others.map((id) => `id=${encodeURIComponent(id)}`).join('&');
  const answer = await fetch(`${section.dataset.seen}?${query}`, { headers: { 'HX-Request': 'true' } }).catch(() => null);
  if (!answer?.ok) return;
  section.innerHTML = await answer.text();
  window.htmx?.process(section);
  section.hidden = section.querySelector('.card') === null;
}
document.querySelectorAll('[data-seen]').forEach(showSeen);
on('click', '[data-forget-seen]', (button) => {
  const section = button.closest('[data-seen]');
  seen.write(section.dataset.seenId ? [section.dataset.seenId] : []);
  section.replaceChildren();
  section.hidden = true;
});

/* ── filters: on small screens the same form moves into a dialog and back ── */
let filtersHome;
on('click', '[data-open-filters]', (link, event) => {
  const dialog = byId(link.dataset.openFilters);
  const form = byId('filters');
  if (!dialog || !form) return;
  event.preventDefault();
  if (window.matchMedia('(min-width: 62rem)').matches) { form.querySelector('input:not([type=hidden])')?.focus(); return; }
  filtersHome ??= Object.assign(document.createElement('span'), { hidden: true });
  form.before(filtersHome);
  dialog.querySelector('[data-filter-slot]').append(form);
  open(dialog);
});
document.addEventListener('close', (event) => {
  const form = event.target.id === 'filter-dialog' && byId('filters');
  if (form) filtersHome?.replaceWith(form);
}, true);
on('click', '[data-close-filters]', (button, event) => {
  const dialog = button.closest('dialog');
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
  byId('results')?.focus();
});
/* The sort box stands outside of the form that it belongs to. */
on('change', 'select[form=filters]', () => byId('filters')?.dispatchEvent(new Event('change', { bubbles: true })));

/* An address says only what was asked for: fields that are empty stay out of it. */
document.addEventListener('htmx:config:request', (event) => {
  const ctx = askedBy(event);
  if (ctx?.sourceElement?.id !== 'filters') return;
  for (const [name, value] of [...ctx.request.body]) if (value === '') ctx.request.body.delete(name);
});
