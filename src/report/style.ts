// How the report and the local page look: light and dark, on a screen and on paper.

export const STYLE = `
:root{color-scheme:light dark;--bg:#fbfbf9;--panel:#fff;--ink:#1c1d1f;--quiet:#62656b;--line:#dfe0dc;--accent:#2456b8;--soft:#eef1f6;
--ok:#2c8a57;--reused:#6fb08c;--warn:#b57a00;--bad:#c0392f;--mute:#8a8d93;--violet:#7a52b3;--blue:#4a7fd6}
@media(prefers-color-scheme:dark){:root{--bg:#15171a;--panel:#1d2024;--ink:#e8e8e6;--quiet:#a0a4ab;--line:#33373d;--accent:#8ab4ff;--soft:#252a32;
--ok:#4fb37c;--reused:#3d7a58;--warn:#d9a441;--bad:#e8705f;--mute:#7d828a;--violet:#b08ee0;--blue:#6f9fe8}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header.top,main,footer{max-width:1180px;margin:0 auto;padding:0 24px}
header.top{padding-top:24px}
footer{padding-top:24px;padding-bottom:40px;color:var(--quiet);font-size:13px}
h1{font-size:24px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 12px}
h3{font-size:14px;margin:0 0 6px}
a{color:var(--accent)}
p{margin:0 0 10px}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.88em}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;max-height:36em;overflow:auto}
.quiet{color:var(--quiet)}
.crumbs{font-size:13px;margin-bottom:10px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:16px 0}
.note{background:var(--soft);border-radius:8px;padding:10px 14px;margin:12px 0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:12px;margin:16px 0}
.figures div{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
.figures b{display:block;font-size:21px;font-weight:600;line-height:1.3;overflow-wrap:anywhere}
.figures span{color:var(--quiet);font-size:13px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(290px,1fr));gap:16px 32px}
.pair>*{min-width:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.look{margin:12px 0 0}
table.narrow{width:auto;min-width:min(100%,560px);margin-bottom:10px}
thead th{font-size:13px;font-weight:600;color:var(--quiet);white-space:nowrap}
tr:last-child>td{border-bottom:0}
tr.total>*{font-weight:600;border-top:2px solid var(--line)}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.nowrap{white-space:nowrap}
td.key{max-width:260px;min-width:140px}
td.wide{width:100%}
td.text{min-width:180px}
tr>:last-child{padding-right:0}
.cut{display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden;unicode-bidi:isolate}
bdi{overflow-wrap:anywhere}
.tag{display:inline-block;border-radius:5px;padding:0 7px;font-size:13px;background:var(--soft);white-space:nowrap;border-left:4px solid var(--mute)}
.t-succeeded,.t-completed,.t-done{border-color:var(--ok)}.t-reused{border-color:var(--reused)}
.t-incomplete,.t-expired,.t-interrupted,.t-ended{border-color:var(--warn)}.t-refused{border-color:var(--violet)}
.t-invalid,.t-errored,.t-rejected{border-color:var(--bad)}.t-running,.t-submitted,.t-submitting,.t-detached{border-color:var(--blue)}
details{margin:2px 0}
summary{cursor:pointer;color:var(--accent)}
details>pre{background:var(--soft);border-radius:6px;padding:8px 10px;margin:6px 0}
svg{display:block;width:100%;height:auto}
svg.bar{height:18px;border-radius:5px}
svg.histogram{max-width:420px}
svg text{font-family:inherit;fill:var(--quiet);font-size:11px}
.s-succeeded{fill:var(--ok)}.s-reused{fill:var(--reused)}.s-incomplete,.s-expired{fill:var(--warn)}.s-refused{fill:var(--violet)}
.s-invalid,.s-errored,.s-rejected{fill:var(--bad)}.s-canceled,.s-pending{fill:var(--mute)}
.b-succeeded{background:var(--ok)}.b-reused{background:var(--reused)}.b-incomplete,.b-expired{background:var(--warn)}.b-refused{background:var(--violet)}
.b-invalid,.b-errored,.b-rejected{background:var(--bad)}.b-canceled,.b-pending{background:var(--mute)}
.b-span{background:var(--blue)}.b-wait{background:var(--warn)}.b-out{background:var(--blue);opacity:.45}
.hbar,.tspan{fill:var(--blue)}.twait{fill:var(--warn)}.tout{fill:var(--blue);opacity:.45}
.axis,.grid{stroke:var(--line);stroke-width:1}
.hcount{text-anchor:middle;fill:var(--ink)}.tname{text-anchor:end}.ttick{text-anchor:middle}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:10px 0 0;padding:0;font-size:13px}
.dot{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px}
form.search{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:12px 0}
input,select,button{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--mute);border-radius:6px;padding:5px 10px;min-width:0}
input[type=search]{flex:1 1 240px}
button{cursor:pointer;background:var(--soft)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
[hidden]{display:none!important}
.side{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:16px;align-items:start}
.side .documents{position:sticky;top:12px;padding-top:16px}
.above{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 24px}
.side embed,.side img{width:100%;border:1px solid var(--line);border-radius:8px;background:var(--soft)}
.side embed{height:78vh}.side img{height:auto;max-height:78vh;object-fit:contain}
.turn{border-left:3px solid var(--line);padding:2px 0 2px 12px;margin:10px 0}
.turn.assistant{border-color:var(--ok)}.turn.user{border-color:var(--blue)}.turn.fault{border-color:var(--bad)}
.turn>b{display:block;font-size:13px;color:var(--quiet);font-weight:600}
.turn p{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;unicode-bidi:plaintext}
.only-script{display:none}.scripted .only-script{display:flex}
@media(max-width:860px){.roomy{display:none}.side{grid-template-columns:1fr}.side .documents{position:static}header.top,main,footer{padding-left:14px;padding-right:14px}.panel{padding:14px}th,td{padding-right:10px}}
@media print{:root{--bg:#fff;--panel:#fff;--ink:#000;--quiet:#444;--line:#bbb;--accent:#000;--soft:#f3f3f3;
--ok:#2c8a57;--reused:#6fb08c;--warn:#b57a00;--bad:#c0392f;--mute:#8a8d93;--violet:#7a52b3;--blue:#4a7fd6;color-scheme:light}
body{font-size:11px}.panel,.figures div{border-color:#bbb;break-inside:avoid}.panel.long{break-inside:auto}tr,svg,.legend{break-inside:avoid}
form.search,.only-script,.scripted .only-script,nav{display:none}pre{max-height:none;overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
