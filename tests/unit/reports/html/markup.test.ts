/** Markup that cannot be broken out of. */
import test from 'ava';
import fc from 'fast-check';
import { html, jsonScript, Markup } from '../../../../reports/html/markup.js';

test('text is escaped, markup and lists of it are not', (t) => {
  const inner = html`<b>${'<i>&"\''}</b>`;
  t.is(
    html`<p title="${'"x"'}">${inner}${[inner, new Markup('<br>')]}${undefined}${3}</p>`.text,
    '<p title="&quot;x&quot;"><b>&lt;i&gt;&amp;&quot;&#39;</b><b>&lt;i&gt;&amp;&quot;&#39;</b><br>3</p>',
  );
});

test('no text makes an element, an attribute or an entity of its own', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = html`${text}`.text;
      t.notRegex(escaped, /[<>"']/);
      t.notRegex(escaped, /&(?!amp;|lt;|gt;|quot;|#39;)/);
      t.notRegex(escaped, /[^\P{Cc}\t\n]/u);
    }),
  );
});

test('data in a script element never ends it, and reads back', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, text) => {
      const data = { value, text, hostile: '</script><!-- <script>' };
      const { text: element } = jsonScript('run', data);
      const inside = element.slice(element.indexOf('>') + 1, element.lastIndexOf('</script>'));
      t.false(inside.includes('<'));
      t.deepEqual(JSON.parse(inside), JSON.parse(JSON.stringify(data)));
    }),
  );
});
