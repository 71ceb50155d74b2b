"""The style sheet of the page of a run."""

from __future__ import annotations

from sim.report.theme import FONT, GRID, INK, MUTED, RULE

STYLE = f"""
:root {{ color-scheme: light; }}
* {{ box-sizing: border-box; }}
html {{ -webkit-text-size-adjust: 100%; }}
body {{ margin: 0; background: #fff; color: {INK}; font: 16px/1.5 {FONT}; }}
main, header, footer {{ max-width: 1200px; margin: 0 auto; padding: 0 24px; }}
header {{ padding-top: 36px; }}
.brand {{ margin: 0; font-size: 13px; letter-spacing: .09em; text-transform: uppercase; color: {MUTED}; }}
h1 {{ margin: 2px 0 6px; font-size: 30px; line-height: 1.2; }}
h2 {{ margin: 0 0 4px; font-size: 20px; line-height: 1.3; }}
.lead {{ margin: 0; max-width: 76ch; color: {MUTED}; }}
section, figure {{ margin: 44px 0 0; padding: 0; }}
table {{ width: 100%; border-collapse: collapse; font-size: 15px; }}
caption {{ padding: 0 0 8px; text-align: left; color: {MUTED}; font-size: 14px; }}
th, td {{ padding: 9px 14px 9px 0; border-bottom: 1px solid {GRID}; text-align: left; vertical-align: top; }}
thead th {{ border-bottom: 2px solid {INK}; font-size: 13px; font-weight: 600; color: {MUTED}; }}
tbody th {{ font-weight: 600; }}
.number {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.unit {{ padding-left: 14px; }}
.mean {{ font-weight: 600; }}
.caveats {{ padding: 18px 22px; border-left: 4px solid #e69f00; background: #fdf8ee; }}
.caveats ul {{ margin: 6px 0 0; padding-left: 20px; }}
.caveats li {{ margin: 4px 0; max-width: 92ch; }}
.subtitle {{ margin: 0 0 10px; max-width: 110ch; color: {MUTED}; font-size: 15px; }}
.scroll {{ overflow-x: auto; }}
.plot {{ min-width: 900px; }}
.hint {{ display: none; margin: 0 0 6px; font-size: 13px; color: {MUTED}; }}
figcaption {{ margin-top: 6px; font-size: 13px; line-height: 1.45; color: {MUTED}; max-width: 130ch; }}
details {{ margin-top: 4px; font-size: 13px; color: {MUTED}; }}
summary {{ cursor: pointer; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 8px 0 0; }}
dl {{ font-size: 15px; }}
dt {{ color: {MUTED}; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
code {{ font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: .92em; }}
a {{ color: #0b5a94; }}
:focus-visible {{ outline: 3px solid #0072b2; outline-offset: 2px; }}
footer {{ margin-top: 48px; padding-top: 14px; padding-bottom: 40px; font-size: 13px; color: {MUTED}; }}
footer p {{ margin: 0; padding-top: 14px; border-top: 1px solid {RULE}; }}
@media (max-width: 940px) {{ .hint {{ display: block; }} }}
@media (max-width: 700px) {{
  main, header, footer {{ padding-left: 16px; padding-right: 16px; }}
  h1 {{ font-size: 24px; }}
  h2 {{ font-size: 18px; }}
  .stack thead {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
  .stack tr {{ display: block; padding: 10px 0; border-bottom: 1px solid {RULE}; }}
  .stack th, .stack td {{ display: flex; justify-content: space-between; gap: 16px; }}
  .stack th, .stack td {{ padding: 2px 0; border: 0; }}
  .stack td::before {{ content: attr(data-head); color: {MUTED}; font-weight: 400; text-align: left; }}
  dl {{ grid-template-columns: 1fr; gap: 0; }}
  dd {{ margin-bottom: 8px; }}
}}
@media print {{ .scroll {{ overflow: visible; }} details, .hint {{ display: none; }} }}
"""
