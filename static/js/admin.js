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
  if (bulk) {
    const every = bulk.querySelector('[data-bulk-all]'); // all that match, on whatever page
    if (every && ticked < ticks.length) every.checked = false;
    bulk.hidden = !ticked;
    const number = bulk.querySelector('[data-bulk-count]');
    if (number) number.textContent = every?.checked ? every.dataset.bulkAll : ticked;
  }
}
on('change', '[data-bulk-all]', (every) => { const scope = every.closest('[data-ticks]'); if (every.checked) ticksOf(scope).forEach((tick) => { tick.checked = true; }); countTicks(scope); });
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

/* A field that is searched while one types has been asked already when it is left. */
document.addEventListener('change', (event) => { if (event.target.matches('[data-live]')) event.stopPropagation(); }, true);

/* ── rows of a list by keys: j and k walk, x ticks, e edits, a shows and r refuses a review; Escape leaves a row that is being edited ── */
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest('[data-row]');
  if (event.key === 'Escape') { const cancel = row?.querySelector('[data-row-cancel]'); if (cancel) { event.preventDefault(); cancel.click(); } return; }
  if (!keysOn() || event.target.closest('input:not([type=checkbox]), select, textarea, [contenteditable], dialog[open]')) return;
  const step = { j: 1, k: -1 }[event.key];
  if (step) {
    const links = [...document.querySelectorAll('[data-row] [data-row-link]')];
    const at = row ? links.indexOf(row.querySelector('[data-row-link]')) + step : 0;
    links[Math.max(0, Math.min(at, links.length - 1))]?.focus();
  } else if (event.key === 'x') row?.querySelector('[data-tick]')?.click();
  else if (event.key === 'e') row?.querySelector('[data-row-edit]')?.click();
  else if (event.key === 'a' && row?.querySelector('[data-row-approve]')) row.querySelector('[data-row-approve]').click();
  else if (event.key === 'r' && row?.querySelector('[data-row-refuse]')) {
    const part = row.querySelector('[data-row-refuse]');
    part.open = true;
    part.querySelector('input:not([type=hidden])').focus();
  } else return;
  event.preventDefault();
});
document.addEventListener('htmx:after:swap', (event) => {
  const first = document.querySelector('[data-focus-now]');
  if (first) { first.removeAttribute('data-focus-now'); first.focus(); first.select?.(); return; }
  const id = askedBy(event)?.target?.id ?? '';
  const decided = id && document.querySelector(`#${CSS.escape(id)}[data-decided]`);
  if (decided) return moveOn(decided);
  if (id.startsWith('row-') && document.activeElement === document.body) byId(id)?.querySelector('[data-row-link]')?.focus();
});
/* What was decided stays in its place; who waits is counted down in the menu, and the next row has the focus. */
function moveOn(row) {
  const left = Number(row.dataset.waiting);
  document.querySelectorAll('[data-waits=reviews], #review-views .count').forEach((count) => { count.firstChild.data = left; count.hidden = !left; });
  const rest = [...document.querySelectorAll('[data-row]:not([data-decided])')];
  const next = rest.find((other) => row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) ?? rest.at(-1) ?? row;
  next.querySelector('[data-row-link]')?.focus();
}
document.addEventListener('htmx:finally:request', (event) => { const source = askedBy(event)?.sourceElement; if (source?.matches?.('form[data-undo]')) source.closest('.toast')?.remove(); });

/* ── a grid of cells: arrows, Enter, a block pasted from a spreadsheet, filling down ── */
const gridOf = (grid) => [...grid.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((place) => place.querySelector('[data-cell]')));
const placeOf = (cell) => [cell.closest('tr').sectionRowIndex, cell.closest('td').cellIndex - 1];
function markCell(cell) { cell.classList.toggle('is-changed', cell.value !== cell.nextElementSibling?.value); }
function putIn(cell, text) {
  if (!cell) return 0;
  if (cell.matches('select')) {
    const wanted = text.trim().toLowerCase();
    const found = [...cell.options].find((one) => one.value === wanted || one.text.toLowerCase() === wanted);
    cell.value = found ? found.value : ['true', 'yes', 'x'].includes(wanted) ? '1' : '';
  } else cell.value = text.trim();
  cell.dispatchEvent(new Event('input', { bubbles: true }));
  return 1;
}
function goTo(cell) { if (cell) { cell.focus(); cell.select?.(); } return Boolean(cell); }
function fillDown(grid, cell, column) {
  const [at] = placeOf(cell);
  const count = gridOf(grid).slice(at + 1).reduce((sum, row) => sum + putIn(row[column], cell.value), 0);
  say((grid.dataset.filled || '').replace('{n}', count));
}
let lastCell;
on('focusin', '[data-cell]', (cell) => { lastCell = cell; });
on('input', '[data-cell]', markCell);
document.querySelectorAll('[data-cell]').forEach(markCell);
on('reset', 'form[data-save-bar]', (form) => setTimeout(() => form.querySelectorAll('[data-cell]').forEach(markCell)));
on('click', '[data-fill]', (button) => {
  const grid = button.closest('[data-grid]');
  const column = Number(button.dataset.fill);
  const from = lastCell?.isConnected && placeOf(lastCell)[1] === column ? lastCell : gridOf(grid).map((row) => row[column]).find(Boolean);
  if (from) fillDown(grid, from, column);
});
on('keydown', '[data-cell]', (cell, event) => {
  const grid = cell.closest('[data-grid]');
  const [row, column] = placeOf(cell);
  const all = gridOf(grid);
  const walk = (down, right) => { for (let r = row + down, c = column + right; all[r] && c >= 0 && c < all[r].length; r += down, c += right) if (all[r][c]) return goTo(all[r][c]); return false; };
  const plain = !cell.matches('select');
  const caret = plain ? [cell.selectionStart, cell.selectionEnd] : [0, 0];
  const whole = plain && caret[0] === 0 && caret[1] === cell.value.length;
  let done = false;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'd') { fillDown(grid, cell, column); done = true; }
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.key === 'Enter') { walk(event.shiftKey ? -1 : 1, 0); done = true; }
  else if (event.key === 'ArrowDown' && plain) done = walk(1, 0);
  else if (event.key === 'ArrowUp' && plain) done = walk(-1, 0);
  else if (event.key === 'ArrowRight' && !event.shiftKey && (whole || !plain || caret[0] === cell.value.length)) done = walk(0, 1);
  else if (event.key === 'ArrowLeft' && !event.shiftKey && (whole || !plain || caret[1] === 0)) done = walk(0, -1);
  if (done) event.preventDefault();
});
on('paste', '[data-cell]', (cell, event) => {
  const text = event.clipboardData?.getData('text/plain').replace(/\r\n?/g, '\n').replace(/\n$/, '') ?? '';
  if (!/[\t\n]/.test(text)) return;
  event.preventDefault();
  const grid = cell.closest('[data-grid]');
  const [row, column] = placeOf(cell);
  const all = gridOf(grid);
  const count = text.split('\n').reduce((sum, line, r) => sum + line.split('\t').reduce((part, value, c) => part + putIn(all[row + r]?.[column + c], value), 0), 0);
  say((grid.dataset.filled || '').replace('{n}', count));
});

/* ── a look tried on: the shop in the frame follows what is typed, a moment later ── */
/* One at a time, so that what was typed last is kept last, too: who comes meanwhile waits, and the newest of them goes. */
let typing, trying = false, waiting;
async function tryOn(form) {
  if (trying) { waiting = form; return; }
  trying = true;
  try { await tryOnce(form); } finally { trying = false; }
  if (!waiting) return;
  const next = waiting;
  waiting = undefined;
  await tryOn(next);
}
async function tryOnce(form) {
  const said = document.querySelector('[data-live-said]');
  const sent = new FormData(form);
  for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
  sent.set('act', 'keep');
  const answer = await fetch(form.dataset.live, { method: 'POST', body: sent, signal: AbortSignal.timeout(20_000) }).catch(() => undefined);
  const text = answer?.ok ? '' : answer?.status === 422 ? await answer.text().catch(() => words.failed) : words.failed;
  if (waiting) return;
  if (said) { said.textContent = text; said.hidden = Boolean(answer?.ok); }
  if (answer?.ok) document.querySelector('[data-live-frame]')?.contentWindow.location.reload();
}
for (const type of ['input', 'change']) on(type, 'form[data-live]', (form) => { clearTimeout(typing); typing = setTimeout(() => tryOn(form), 250); });
