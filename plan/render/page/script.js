(() => {
  'use strict';
  const changes = [...document.querySelectorAll('details.change')];
  const text = new Map(changes.map(c => [c, c.textContent.toLowerCase()]));

  // Long runs of unchanged lines fold away until somebody asks for them.
  const keep = 3;
  for (const body of document.querySelectorAll('tbody.same')) {
    const rows = [...body.rows];
    const first = body.previousElementSibling.tagName === 'THEAD';
    const last = !body.nextElementSibling;
    const from = first ? 0 : keep, to = last ? rows.length : rows.length - keep;
    if (to - from < 2) continue;
    const hidden = rows.slice(from, to);
    hidden.forEach(r => { r.hidden = true; });
    const row = document.createElement('tr');
    row.className = 'more';
    const cell = row.insertCell();
    cell.colSpan = 4;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = `${hidden.length} unchanged lines`;
    button.addEventListener('click', () => {
      hidden.forEach(r => { r.hidden = false; });
      hidden[0].cells[1].tabIndex = -1;
      hidden[0].cells[1].focus();
      row.remove();
    });
    cell.append(button);
    hidden[0].before(row);
  }

  const form = document.querySelector('form.tools');
  if (!form) return;
  form.hidden = false;
  const box = document.getElementById('q');
  const hits = document.getElementById('hits');
  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const actions = new Set([...form.querySelectorAll('input[name=action]:checked')].map(i => i.value));
    let shown = 0;
    for (const c of changes) {
      const hit = actions.has(c.dataset.action) && words.every(w => text.get(c).includes(w));
      c.hidden = !hit;
      if (hit) shown++;
    }
    hits.textContent = shown === changes.length ? '' : `${shown} of ${changes.length} objects`;
  };
  form.addEventListener('input', filter);
  form.addEventListener('submit', e => e.preventDefault());
  const all = open => () => changes.forEach(c => { if (!c.hidden) c.open = open; });
  document.getElementById('open').addEventListener('click', all(true));
  document.getElementById('close').addEventListener('click', all(false));
  document.addEventListener('keydown', e => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName);
    if (e.key === '/' && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
      e.preventDefault();
      box.focus();
    } else if (e.key === 'Escape' && e.target === box) {
      box.value = '';
      filter();
    }
  });
  addEventListener('beforeprint', all(true));
  filter();
})();
