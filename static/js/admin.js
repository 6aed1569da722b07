/* The back office's own improvements; common.js stands before it in the bundle. */

/* ── save bar and the guard of unsaved changes ── */
const guarded = 'form[data-save-bar], form[data-unsaved]:not([data-unsaved=off])';
const written = (form) => new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value])).toString();
const started = new WeakMap();
const isDirty = (form) => started.has(form) && started.get(form) !== written(form);
document.querySelectorAll(guarded).forEach((form) => started.set(form, written(form)));
function lookAt(form) { form.classList.toggle('is-dirty', isDirty(form) || Boolean(form.querySelector('[aria-invalid=true]'))); }
for (const type of ['input', 'change']) on(type, guarded, (form) => { if (!started.has(form)) started.set(form, written(form)); lookAt(form); });
document.querySelectorAll(guarded).forEach(lookAt);
on('reset', guarded, (form) => setTimeout(() => { started.set(form, written(form)); form.classList.remove('is-dirty'); }));
let leaving = false;
on('submit', guarded, () => { leaving = true; });
window.addEventListener('beforeunload', (event) => {
  if (!leaving && [...document.querySelectorAll(guarded)].some(isDirty)) event.preventDefault();
});
window.addEventListener('pageshow', () => { leaving = false; });
document.addEventListener('htmx:after:swap', () => document.querySelectorAll(guarded).forEach((form) => { if (!started.has(form)) started.set(form, written(form)); }));

/* ── keys ── */
const keysKept = 'single-key-shortcuts';
const keysOn = () => localStorage.getItem(keysKept) !== 'off';
document.querySelectorAll('[data-shortcuts-switch]').forEach((tick) => { tick.checked = keysOn(); });
on('change', '[data-shortcuts-switch]', (tick) => localStorage.setItem(keysKept, tick.checked ? 'on' : 'off'));
document.addEventListener('keydown', (event) => {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === 's') {
    const form = document.querySelector('form[data-save-bar].is-dirty');
    if (form) { event.preventDefault(); form.requestSubmit(); }
  } else if (command && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    byId('global-search')?.focus();
  } else if (!command && !event.altKey && keysOn() && !event.target.closest('input, select, textarea, [contenteditable], dialog[open]')) {
    const key = event.key;
    const target = document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
    if (key === '?') { event.preventDefault(); open(byId('keys-dialog')); }
    else if (target) { event.preventDefault(); if (target.matches('input')) target.focus(); else target.click(); }
  }
});

/* ── ticking rows: one, a range with Shift, the whole page ── */
let lastTick;
const ticksOf = (scope) => [...scope.querySelectorAll('input[data-tick]')];
function countTicks(scope) {
  const ticks = ticksOf(scope);
  const ticked = ticks.filter((tick) => tick.checked).length;
  const all = scope.querySelector('input[data-tick-all]');
  if (all) { all.checked = ticked > 0 && ticked === ticks.length; all.indeterminate = ticked > 0 && ticked < ticks.length; }
  const bulk = scope.querySelector('[data-bulk]');
  if (bulk) { bulk.hidden = !ticked; const number = bulk.querySelector('[data-bulk-count]'); if (number) number.textContent = ticked; }
}
on('click', 'input[data-tick]', (tick, event) => {
  const scope = tick.closest('[data-ticks]');
  const ticks = ticksOf(scope);
  if (event.shiftKey && lastTick && ticks.includes(lastTick)) {
    const [from, to] = [ticks.indexOf(lastTick), ticks.indexOf(tick)].sort((a, b) => a - b);
    ticks.slice(from, to + 1).forEach((between) => { between.checked = tick.checked; });
  }
  lastTick = tick;
  countTicks(scope);
});
on('change', 'input[data-tick-all]', (all) => { const scope = all.closest('[data-ticks]'); ticksOf(scope).forEach((tick) => { tick.checked = all.checked; }); countTicks(scope); });
document.querySelectorAll('[data-ticks]').forEach(countTicks);
document.addEventListener('htmx:after:swap', () => document.querySelectorAll('[data-ticks]').forEach(countTicks));

/* ── order by dragging; the buttons beside each thing do the same ── */
function tellPlace(item) {
  const list = item.parentNode;
  const all = [...list.querySelectorAll(':scope > [data-sort-item]')];
  all.forEach((one, i) => { const field = one.querySelector('[data-position]'); if (field) field.value = i + 1; });
  say((words.moved || '').replace('{n}', all.indexOf(item) + 1).replace('{m}', all.length));
  list.dispatchEvent(new Event('change', { bubbles: true }));
  const form = list.closest('form');
  if (form && list.hasAttribute('data-sort-submit')) form.requestSubmit();
}
on('click', '[data-move]', (button, event) => {
  const item = button.closest('[data-sort-item]');
  if (!item?.closest('[data-sort]')) return;
  event.preventDefault();
  const list = item.parentNode;
  const where = button.dataset.move;
  if (where === 'first') list.prepend(item);
  if (where === 'up' && item.previousElementSibling) item.previousElementSibling.before(item);
  if (where === 'down' && item.nextElementSibling) item.nextElementSibling.after(item);
  button.focus();
  tellPlace(item);
});
let dragged;
on('dragstart', '[data-sort-item]', (item) => { dragged = item; item.classList.add('is-dragged'); });
on('dragover', '[data-sort-item]', (item, event) => {
  if (!dragged || item.parentNode !== dragged.parentNode) return;
  event.preventDefault();
  if (item === dragged) return;
  const after = dragged.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
  if (after) item.after(dragged); else item.before(dragged);
});
on('dragend', '[data-sort-item]', (item) => { item.classList.remove('is-dragged'); if (dragged) tellPlace(item); dragged = undefined; });

/* ── files: dropped or pasted ones go through the same field as chosen ones ── */
function give(zone, files) {
  const field = zone.querySelector('input[type=file]');
  if (!field || !files.length) return;
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  field.files = all.files;
  field.dispatchEvent(new Event('change', { bubbles: true }));
}
on('dragover', '[data-dropzone]', (zone, event) => { if (event.dataTransfer?.types.includes('Files')) { event.preventDefault(); zone.classList.add('is-over'); } });
on('dragleave', '[data-dropzone]', (zone) => zone.classList.remove('is-over'));
on('drop', '[data-dropzone]', (zone, event) => { event.preventDefault(); zone.classList.remove('is-over'); give(zone, event.dataTransfer.files); });
document.addEventListener('paste', (event) => { const zone = document.querySelector('[data-dropzone]'); if (zone && event.clipboardData?.files.length) give(zone, event.clipboardData.files); });

/* ── amounts that follow what is typed: the server's answer stays the truth ── */
on('input', '[data-count]', (field) => { const out = byId(field.dataset.count); if (out) out.textContent = field.value.length; });

/* ── a dialog whose form was refused is open again ── */
document.querySelectorAll('dialog[data-open-now]').forEach(open);

/* ── arrows walk through the results of the search ── */
document.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const results = [...document.querySelectorAll('[data-result]')];
  if (!step || !results.length || !event.target.matches('[data-result], #global-search')) return;
  event.preventDefault();
  const at = results.indexOf(event.target) + step;
  (results[at] ?? (at < 0 ? byId('global-search') : event.target)).focus();
});
