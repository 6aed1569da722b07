/* Editors of the back office: files with their progress, an order that is sent by a form elsewhere, a tree by dragging. After admin.js in the bundle. */

/* ── files: one request each, with its progress; what comes back is the card again ── */
function send(form, file, bar) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const data = new FormData();
    data.append(form.querySelector('input[type=file]').name, file);
    request.open('POST', form.action);
    request.setRequestHeader('HX-Request', 'true');
    request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) { bar.max = event.total; bar.value = event.loaded; } });
    request.addEventListener('load', () => resolve(request));
    request.addEventListener('error', () => resolve(request));
    request.send(data);
  });
}
/* An answer that names its own place, as htmx reads it: a refusal is a message among the others, and the card stays. */
function putInto(place, answer) {
  const how = (answer.getResponseHeader('HX-Reswap') || 'innerHTML').split(' ')[0];
  if (!place) return;
  if (how === 'innerHTML') place.innerHTML = answer.responseText;
  else if (how === 'outerHTML') place.outerHTML = answer.responseText;
  else place.insertAdjacentHTML(how, answer.responseText);
  window.htmx.process(document.body);
}
async function upload(form) {
  const field = form.querySelector('input[type=file]');
  const files = [...field.files];
  const list = form.querySelector('[data-uploads]');
  const rows = files.map((file) => {
    const row = document.createElement('li');
    const bar = Object.assign(document.createElement('progress'), { value: 0, max: 1 });
    bar.setAttribute('aria-label', file.name);
    row.append(Object.assign(document.createElement('span'), { textContent: file.name }), bar);
    if (file.type.startsWith('image/')) {
      const image = Object.assign(document.createElement('img'), { src: URL.createObjectURL(file), alt: '', width: 48, height: 48 });
      image.addEventListener('load', () => URL.revokeObjectURL(image.src));
      row.prepend(image);
    }
    list?.append(row);
    return bar;
  });
  field.disabled = true;
  let card = '';
  const refused = [];
  for (const [i, file] of files.entries()) {
    const answer = await send(form, file, rows[i]);
    const leave = answer.getResponseHeader('HX-Redirect');
    if (leave) { location.href = leave; return; }
    const elsewhere = answer.getResponseHeader('HX-Retarget');
    if (elsewhere) { putInto(document.querySelector(elsewhere), answer); continue; }
    if (answer.status === 0 || answer.status >= 500 || answer.status === 413 && !answer.responseText.includes('role="alert"')) { refused.push(`${file.name}: ${answer.status ? words.failed : words.offline}`); continue; }
    card = answer.responseText;
    if (answer.status >= 400) refused.push(new DOMParser().parseFromString(card, 'text/html').querySelector('[role=alert]')?.textContent.trim() || `${file.name}: ${words.failed}`);
  }
  field.disabled = false;
  field.value = '';
  const target = byId(form.dataset.target);
  if (card && target) { target.innerHTML = card; window.htmx.process(target); } else if (list) list.replaceChildren();
  for (const text of refused) say(text, { bad: true });
}
on('change', 'form[data-upload]', (form, event) => { if (event.target.type === 'file' && event.target.files.length) upload(form); });
on('submit', 'form[data-upload]', (form, event) => { event.preventDefault(); if (form.querySelector('input[type=file]').files.length) upload(form); });

/* ── an order whose numbers belong to a form elsewhere ── */
on('change', '[data-sort-form]', (list, event) => { if (event.target === list) byId(list.dataset.sortForm)?.requestSubmit(); });

/* ── a tree: dropped on the upper edge of a row it goes before it, on the lower edge after it, in the middle below it ── */
let branch;
on('dragstart', '[data-branch]', (row, event) => { branch = row; row.classList.add('is-dragged'); event.dataTransfer.effectAllowed = 'move'; });
on('dragend', '[data-branch]', (row) => { row.classList.remove('is-dragged'); clearMarks(); branch = undefined; });
const clearMarks = () => document.querySelectorAll('[data-drop]').forEach((row) => row.removeAttribute('data-drop'));
function placeIn(row, y) {
  const box = row.getBoundingClientRect();
  const part = (y - box.top) / box.height;
  return part < 0.3 ? 'before' : part > 0.7 ? 'after' : 'below';
}
on('dragover', '[data-branch]', (row, event) => {
  if (!branch || row === branch) return;
  event.preventDefault();
  clearMarks();
  row.dataset.drop = placeIn(row, event.clientY);
});
on('drop', '[data-branch]', (row, event) => {
  if (!branch || row === branch) return;
  event.preventDefault();
  const form = byId('branch-form');
  form.action = branch.dataset.branch;
  form.elements.to.value = placeIn(row, event.clientY);
  form.elements.other.value = row.dataset.id;
  clearMarks();
  form.requestSubmit();
});
