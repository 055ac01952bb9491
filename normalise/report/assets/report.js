'use strict';
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const run = document.body.dataset.run;
  const terms = JSON.parse($('#terms').textContent);
  const documents = new Map($$('section.document').map(node =>
    [node, JSON.parse($('script.data', node).textContent)]));

  // An element with attributes and children; texts are never read as mark-up.
  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
      else if (value !== false) node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...children.filter(child => child || child === 0));
    return node;
  }
  const tell = text => { $('#told').textContent = text; };

  // What the reader has chosen, kept in this browser where that is allowed.
  const store = {
    safe: true,
    read(name, otherwise) {
      try { return JSON.parse(localStorage.getItem('normalise:' + name)) ?? otherwise; }
      catch { this.safe = false; return otherwise; }
    },
    write(name, value) {
      try { localStorage.setItem('normalise:' + name, JSON.stringify(value)); }
      catch { this.safe = false; }
    },
  };

  // ---- decisions ----------------------------------------------------------------------------
  const decisions = new Map(store.read('decisions:' + run, []));
  let saved = true;
  const identify = decision => JSON.stringify(['kind', 'path', 'raw_path', 'stage', 'rule', 'text',
    'number', 'context', 'at', 'source', 'term', 'form'].map(name => decision[name] ?? ''));
  function decide(decision, wanted = true) {
    // Another page of the same report may have been used meanwhile.
    for (const [key, other] of store.read('decisions:' + run, [])) {
      if (!decisions.has(key)) decisions.set(key, other);
    }
    if (wanted) decisions.set(identify(decision), decision);
    else decisions.delete(identify(decision));
    saved = false;
    store.write('decisions:' + run, [...decisions]);
    count();
  }
  function count() {
    $('#count').textContent = decisions.size;
    $('#save').disabled = !decisions.size;
  }
  function download(name, type, text) {
    const link = make('a', {href: URL.createObjectURL(new Blob([text], {type})), download: name});
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  function save() {
    if (!decisions.size) return;
    const content = {normalise: 'decisions', version: 1, run, decisions: [...decisions.values()]};
    download('decisions.json', 'application/json', JSON.stringify(content, null, 1) + '\n');
    saved = true;
    tell(`${decisions.size} decisions saved as decisions.json`);
  }
  addEventListener('beforeunload', event => {
    if (!saved && !store.safe && decisions.size) event.preventDefault();
  });
  $('#save').addEventListener('click', save);

  // ---- changes ------------------------------------------------------------------------------
  const panel = $('#panel');
  let open = null;
  const about = mark => {
    const data = documents.get(mark.closest('section'));
    return {data, note: data.notes[mark.dataset.note - data.first]};
  };
  const rejection = ({data, note}) => note && note.reject &&
    {kind: 'reject', ...data.document, ...note.reject};
  function paint(mark) {
    const reject = rejection(about(mark));
    const held = reject && decisions.has(identify(reject));
    mark.classList.toggle('rejected', Boolean(held));
    if (held) mark.dataset.before = flat(reject.before);
    else delete mark.dataset.before;
    mark.closest('.row').classList.toggle('decided', Boolean($('.rejected', mark.closest('.row'))));
  }
  const flat = text => text.replace(/\s+/g, ' ').trim() || '·';
  function reject(mark, wanted, propose) {
    const decision = rejection(about(mark));
    if (!decision) return tell('This change cannot be rejected');
    if (propose) decision.propose = true;
    decide(decision, wanted);
    paint(mark);
    tell(wanted ? 'Change rejected' : 'Rejection taken back');
    if (open === mark) explain(mark);
  }
  function facts(rows) {
    return make('dl', {}, ...rows.filter(row => row[1]).flatMap(([name, value]) =>
      [make('dt', {}, name), make('dd', {}, value)]));
  }
  function describe(note) {
    const term = terms[note.term] || {};
    return [
      make('p', {class: 'swap'}, note.before ? make('del', {}, note.before) : '(nothing)', ' → ',
        note.after ? make('ins', {}, note.after) : '(removed)'),
      facts([
        ['Rule', `${note.rule} (stage ${note.stage})`],
        ['Term', note.term && (term.name || note.term)],
        ['Definition', term.definition],
        ['Condition', (note.conditions || []).join('; or ')],
        ['Provenance', (term.provenance || []).join('; ')],
        ['Entry', note.term && [note.term, term.where, term.status].filter(Boolean).join(', ')],
        ['Reason', note.reason && make('div', {class: 'reason'}, note.reason)],
      ]),
    ];
  }
  function explain(mark) {
    close(false);
    open = mark;
    const known = about(mark), decision = rejection(known);
    const held = decision && decisions.get(identify(decision));
    const propose = make('input', {type: 'checkbox', id: 'propose', checked: Boolean(held && held.propose),
      onchange: event => { if (held) reject(mark, true, event.target.checked); }});
    panel.replaceChildren(
      make('h3', {id: 'panel-title'}, 'Why this changed'),
      make('button', {type: 'button', class: 'close', 'aria-label': 'Close', onclick: () => close(true)},
        make('span', {'aria-hidden': 'true'}, '✕')),
      ...describe(known.note),
      ...(known.note.also || []).flatMap(describe),
      decision ? make('div', {class: 'acts'},
        known.note.term && make('label', {}, propose, 'Also propose it to the glossary, as a sentence that must stay'),
        make('button', {type: 'button', class: held ? '' : 'main',
          onclick: () => reject(mark, !held, propose.checked)},
          held ? 'Take the rejection back' : 'Reject in this document')) : '');
    panel.hidden = false;
    mark.setAttribute('aria-expanded', 'true');
    mark.setAttribute('aria-controls', 'panel');
    // Beside all lines of the mark, so that the click that opens it does not end on it.
    const at = mark.getBoundingClientRect(), first = mark.getClientRects()[0] || at;
    const left = Math.min(first.left + scrollX, document.documentElement.clientWidth - panel.offsetWidth - 12);
    const below = at.bottom + panel.offsetHeight + 12 < innerHeight;
    panel.style.left = Math.max(12, left) + 'px';
    panel.style.top = (scrollY + (below || at.top < panel.offsetHeight ? at.bottom + 8 :
      at.top - panel.offsetHeight - 8)) + 'px';
    const cover = panel.getBoundingClientRect(), now = mark.getBoundingClientRect();
    if (cover.top < now.bottom && now.top < cover.bottom) scrollBy(0, now.top - 150);
  }
  function close(back) {
    if (!open) return;
    const mark = open;
    open = null;
    panel.hidden = true;
    mark.removeAttribute('aria-expanded');
    mark.removeAttribute('aria-controls');
    if (back) { quiet = true; mark.focus(); quiet = false; }
  }
  let quiet = false;
  document.addEventListener('focusin', event => {
    const mark = event.target.closest('.mark');
    // By keyboard only: what opens while a finger or mouse is down may get between it and the mark.
    if (mark && !quiet && mark !== open && mark.matches(':focus-visible')) explain(mark);
    else if (!mark && open && !panel.contains(event.target)) close(false);
  });
  document.addEventListener('click', event => {
    const mark = event.target.closest('.mark');
    if (mark) { if (open !== mark) explain(mark); }
    // What was clicked in the panel may have been replaced already.
    else if (open && event.target.isConnected && !panel.contains(event.target)) close(false);
  });

  // ---- flags, corrections, suggestions -------------------------------------------------------
  function flag(box) {
    const data = documents.get(box.closest('section'));
    return {kind: 'check', ...data.document, ...data.flags[box.dataset.flag - data.first_flag]};
  }
  function mend(row, piece, text) {
    const data = documents.get(row.closest('section'));
    return {kind: 'correct', ...data.document, ...piece, correction: text};
  }
  function pieces(row) {
    return documents.get(row.closest('section')).corrections[row.dataset.row] || [];
  }
  function paintCorrections(row) {
    $$('.correction', row).forEach(node => node.remove());
    const button = $('.correct', row);
    let any = false;
    for (const piece of pieces(row)) {
      const held = decisions.get(identify(mend(row, piece, '')));
      if (!held) continue;
      any = true;
      button.before(make('p', {class: 'correction', dir: 'auto'}, held.correction));
    }
    row.classList.toggle('corrected', any);
    row.classList.toggle('decided', any || Boolean($('.rejected', row)));
  }
  function edit(row) {
    const button = $('.correct', row), parts = pieces(row);
    const fields = parts.map((piece, index) => {
      const held = decisions.get(identify(mend(row, piece, '')));
      const field = make('textarea', {id: `edit-${index}`, spellcheck: 'true', lang: 'en'});
      field.value = held ? held.correction : piece.translation;
      return field;
    });
    const done = () => { editor.remove(); button.hidden = false; paintCorrections(row); button.focus(); };
    const keep = () => {
      fields.forEach((field, index) => {
        const text = field.value.trim();
        const changed = text && text !== parts[index].translation;
        const old = mend(row, parts[index], text);
        if (changed || decisions.has(identify(old))) decide(old, Boolean(changed));
      });
      done();
    };
    const editor = make('div', {class: 'editor', role: 'group', 'aria-label': 'Correct the translation',
      onkeydown: event => {
        if (event.key === 'Escape') { event.stopPropagation(); done(); }
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) keep();
      }},
      ...parts.flatMap((piece, index) =>
        [make('label', {for: `edit-${index}`}, `English for: ${piece.source}`), fields[index]]),
      make('div', {}, make('button', {type: 'button', class: 'main', onclick: keep}, 'Keep'),
        make('button', {type: 'button', onclick: done}, 'Cancel')));
    button.hidden = true;
    button.after(editor);
    fields[0].focus();
  }
  document.addEventListener('click', event => {
    const button = event.target.closest('.correct');
    if (button) edit(button.closest('.row'));
  });
  const suggestion = box => ({kind: 'accept', term: box.dataset.term, form: box.dataset.form});
  document.addEventListener('change', event => {
    const box = event.target;
    if (box.matches('.check')) {
      decide(flag(box), box.checked);
      box.closest('li').classList.toggle('done', box.checked);
    }
    if (box.matches('.accept')) decide(suggestion(box), box.checked);
  });
  function paintAll() {
    $$('.row:not(.heads)').forEach(row => row.classList.remove('decided'));
    $$('.mark').forEach(paint);
    $$('.row .correct').forEach(button => paintCorrections(button.closest('.row')));
    for (const box of $$('.check:not(:disabled)')) {
      box.checked = decisions.has(identify(flag(box)));
      box.closest('li').classList.toggle('done', box.checked);
    }
    for (const box of $$('.accept')) box.checked = decisions.has(identify(suggestion(box)));
    count();
  }

  // ---- search -------------------------------------------------------------------------------
  const fold = text => text.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '')
    .replace(/đ/g, 'd').replace(/[\u2018\u2019]/g, "'");
  let rows = null;
  function gather() {
    return $$('section.document').map(node => ({
      node, name: fold($('h2', node).textContent),
      rows: $$('.row:not(.heads)', node).map(row => ({row, text: fold(row.textContent)})),
    }));
  }
  function search() {
    rows = rows || gather();
    const words = fold($('#search').value).split(/\s+/).filter(Boolean), show = $('#show').value;
    let shown = 0;
    for (const one of rows) {
      const named = words.length > 0 && words.every(word => one.name.includes(word));
      let any = !one.rows.length && (named || !words.length) && show === 'all';
      for (const {row, text} of one.rows) {
        const fits = (named || words.every(word => text.includes(word))) &&
          (show === 'all' || row.classList.contains(show) ||
            (show === 'decided' && $('.check:checked', row)));
        row.hidden = !fits;
        if (fits) { any = true; shown += 1; }
      }
      one.node.hidden = !any;
    }
    for (const row of $$('#list tbody tr')) {
      const text = fold(row.textContent);
      row.hidden = !words.every(word => text.includes(word));
    }
    const listed = $$('#list tbody tr:not([hidden])').length;
    const found = [rows.length ? `${shown} sentences` : '', $('#list') ? `${listed} documents` : ''];
    $('#found').textContent = words.length || show !== 'all' ? found.filter(Boolean).join(', ') : '';
  }
  let waiting = 0;
  $('#search').addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  $('#show').addEventListener('change', search);
  addEventListener('hashchange', () => {
    const node = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (node && node.hidden) { $('#search').value = ''; $('#show').value = 'all'; search(); node.scrollIntoView(); }
  });

  // ---- tables -------------------------------------------------------------------------------
  const value = (row, index, kind) => {
    const text = row.cells[index].textContent.trim();
    return kind === 'number' ? Number(text.replace(/,/g, '')) : text;
  };
  for (const table of $$('table.sortable')) {
    $$('th[data-sort]', table).forEach((head, index) => {
      if (!head.hasAttribute('aria-sort')) head.setAttribute('aria-sort', 'none');
      head.replaceChildren(make('button', {type: 'button', onclick: () => {
        const kind = head.dataset.sort, now = head.getAttribute('aria-sort');
        const next = now === 'none' ? (kind === 'number' ? 'descending' : 'ascending') :
          now === 'ascending' ? 'descending' : 'ascending';
        $$('th[data-sort]', table).forEach(other => other.setAttribute('aria-sort', 'none'));
        head.setAttribute('aria-sort', next);
        const order = next === 'ascending' ? 1 : -1;
        const compare = new Intl.Collator('en', {numeric: true}).compare;
        const sorted = [...table.tBodies[0].rows].sort((a, b) => {
          const x = value(a, index, kind), y = value(b, index, kind);
          return order * (kind === 'number' ? x - y : compare(x, y));
        });
        table.tBodies[0].append(...sorted);
      }}, head.textContent));
    });
  }
  // A spreadsheet must not take a cell for a formula.
  const cell = text => '"' + (/^[=+\-@\t\r]/.test(text) ? "'" + text : text).replace(/"/g, '""') + '"';
  for (const button of $$('button.csv')) button.addEventListener('click', () => {
    const table = document.getElementById(button.dataset.table);
    const lines = [...table.rows].map(row => [...row.cells].map(one => cell(one.textContent.trim())).join(','));
    download(button.dataset.name, 'text/csv', '\ufeff' + lines.join('\r\n') + '\r\n');
    tell(`${button.dataset.name} saved`);
  });

  // ---- light and dark, help, keys -----------------------------------------------------------
  const themes = ['system', 'light', 'dark'];
  let theme = store.read('theme', 'system');
  function dress() {
    if (theme === 'system') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.dataset.theme = theme;
    $('#theme span').textContent = {system: '◐', light: '☀', dark: '☾'}[theme];
    $('#theme').setAttribute('aria-label', `Light or dark: ${theme === 'system' ? 'as the system' : theme}`);
  }
  $('#theme').addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    store.write('theme', theme);
    dress();
  });
  const guide = $('#guide'), keys = $('#keys');
  keys.checked = store.read('keys', true);
  keys.addEventListener('change', () => store.write('keys', keys.checked));
  $('#help').addEventListener('click', () => guide.showModal());
  $('#guide-close').addEventListener('click', () => guide.close());
  $('#forget').addEventListener('click', () => {
    if (!confirm('Forget all decisions?')) return;
    decisions.clear();
    store.write('decisions:' + run, []);
    paintAll();
    close(false);
  });
  function step(selector, by) {
    const nodes = $$(selector).filter(node => !node.closest('[hidden]'));
    if (!nodes.length) return;
    const here = document.activeElement, at = nodes.indexOf(here);
    let next = at + by;
    if (at < 0) {
      const after = nodes.findIndex(node => here !== document.body ?
        here.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING :
        node.getBoundingClientRect().top > 120);
      next = by > 0 ? (after < 0 ? 0 : after) : (after < 0 ? nodes.length : after) - 1;
    }
    const node = nodes[(next + nodes.length) % nodes.length];
    node.scrollIntoView({block: 'center'});
    node.focus({preventScroll: true});
  }
  const MARKS = '.output .mark, .source .mark, .check:not(:disabled)';
  const pressed = {
    n: () => step(MARKS, 1), p: () => step(MARKS, -1),
    ']': () => step('section.document h2', 1), '[': () => step('section.document h2', -1),
    x: () => { if (open) reject(open, !open.classList.contains('rejected'), false); },
    s: save, '?': () => guide.showModal(),
    '/': () => { $('#search').focus(); $('#search').select(); },
  };
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || guide.open) return;
    const mark = event.target.closest('.mark');
    if (mark && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      if (open !== mark) explain(mark);
      const first = $('.acts button, .acts input, .close', panel);
      if (first) first.focus();
      return;
    }
    if (event.key === 'Escape' && open) return close(true);
    if (event.target.matches('input:not([type=checkbox]), textarea, select') || !keys.checked) return;
    const act = pressed[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  addEventListener('storage', event => {
    if (event.key !== 'normalise:decisions:' + run) return;
    decisions.clear();
    for (const [key, decision] of store.read('decisions:' + run, [])) decisions.set(key, decision);
    paintAll();
  });
  dress();
  paintAll();
})();
