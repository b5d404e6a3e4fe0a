"""Graphs as one HTML page: pan, zoom, details of what is clicked, subworkflows to walk into."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fairwf.graph.model import Graph
from fairwf.graph.svg import DARK, LIGHT, STYLE, clean, svg
from fairwf.trace.run import counts_text


def _variables(colours: Mapping[str, str]) -> str:
    return ".fairwf{" + ";".join(f"--{name}:{value}" for name, value in colours.items()) + "}"


_PAGE_STYLE = (
    f"{_variables(LIGHT)}@media (prefers-color-scheme:dark){{{_variables(DARK)}}}"
    + """
:root{color-scheme:light dark}*{box-sizing:border-box}
body{margin:0;height:100vh;display:grid;grid-template:auto 1fr/1fr 22rem;
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
background:var(--bg);color:var(--fg)}
header{grid-column:1/3;padding:.8rem 1.2rem;border-bottom:1px solid var(--edge);display:flex;
gap:.4rem 1.2rem;align-items:baseline;flex-wrap:wrap}
h1{font-size:1.15rem;margin:0}h2{font-size:1.1rem;margin:0 0 .2rem;overflow-wrap:anywhere}
header p{margin:0;color:var(--soft);font-size:.85rem}
nav{margin-left:auto;display:flex;gap:.4rem}
button{font:inherit;font-size:.85rem;color:inherit;background:var(--badge);border:0;
border-radius:7px;padding:.25rem .7rem;cursor:pointer}
button:hover{filter:brightness(1.08)}button:focus-visible{outline:2px solid var(--run)}
main{overflow:hidden;position:relative;touch-action:none;cursor:grab;min-height:0}
main:active{cursor:grabbing}
main section{position:absolute;inset:0}main svg{width:100%;height:100%;display:block}
main .n{cursor:pointer;outline:none}main .n:focus-visible .box,main .n.on .box{stroke-width:3}
main .n:hover .box{filter:brightness(.97)}
aside{border-left:1px solid var(--edge);padding:1rem 1.2rem;overflow:auto;min-height:0}
aside dl{margin:.8rem 0}aside dt{color:var(--soft);font-size:.78rem;margin-top:.6rem}
aside dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.88rem}
aside .k{color:var(--soft);font-size:.85rem;margin:0 0 .6rem}
[hidden]{display:none!important}
@media(max-width:760px){body{grid-template:auto 60vh auto/1fr}header{grid-column:1}
aside{border-left:0;border-top:1px solid var(--edge)}}
"""
)

_SCRIPT = """
'use strict';
const graphs=JSON.parse(document.getElementById('graphs').textContent);
const main=document.querySelector('main'),aside=document.querySelector('aside');
const trail=document.getElementById('trail'),note=document.getElementById('note');
const views=[...document.querySelectorAll('main section')].map(section=>{
 const svg=section.firstElementChild,b=svg.viewBox.baseVal;
 return {section,svg,home:[b.x,b.y,b.width,b.height],box:[b.x,b.y,b.width,b.height]};});
let current=0;
const element=(tag,text,kind)=>{const e=document.createElement(tag);
 if(text!==undefined)e.textContent=text;if(kind)e.className=kind;return e;};
function draw(){const v=views[current];v.svg.setAttribute('viewBox',v.box.join(' '));}
function fit(){const v=views[current],[x,y,w,h]=v.home;
 const scale=Math.max(w/main.clientWidth,h/main.clientHeight,1);
 const W=main.clientWidth*scale,H=main.clientHeight*scale;
 v.box=[x-(W-w)/2,y-Math.min((H-h)/2,24),W,H];draw();}
function zoom(factor,px,py){const v=views[current],[x,y,w,h]=v.box,r=main.getBoundingClientRect();
 const fx=px===undefined?.5:(px-r.left)/r.width,fy=py===undefined?.5:(py-r.top)/r.height;
 const W=Math.min(Math.max(w*factor,80),v.home[2]*20+4000),k=W/w;
 v.box=[x+(w-w*k)*fx,y+(h-h*k)*fy,w*k,h*k];draw();}
function open(index){current=index;views.forEach((v,i)=>v.section.hidden=i!==index);
 trail.replaceChildren();const path=[];
 for(let i=index;i!==null;i=graphs[i].parent)path.unshift(i);
 path.slice(0,-1).forEach(i=>{const b=element('button',graphs[i].title);
  b.onclick=()=>open(i);trail.append(b,' / ');});
 trail.append(graphs[index].title);note.textContent=graphs[index].note;
 details(null);fit();}
function details(number){main.querySelectorAll('.on').forEach(e=>e.classList.remove('on'));
 aside.replaceChildren();
 if(number===null){aside.append(element('p','Click a step, an input or an output to see more. '+
  'Drag to move, scroll to zoom.','k'));return;}
 const node=graphs[current].nodes[number];
 views[current].svg.querySelector('[data-node="'+number+'"]').classList.add('on');
 aside.append(element('h2',node.label),element('p',[node.kind,node.subtitle,...node.badges,
  node.status,node.timing].filter(Boolean).join(' · '),'k'));
 if(node.nested!==null){const b=element('button','Open the subworkflow');
  b.onclick=()=>open(node.nested);aside.append(b);}
 const list=element('dl');
 node.details.forEach(([name,text])=>list.append(element('dt',name),element('dd',text)));
 aside.append(list);}
let drag=null,moved=false;
main.addEventListener('pointerdown',e=>{drag=[e.clientX,e.clientY];moved=false;});
addEventListener('pointermove',e=>{if(!drag)return;const v=views[current];
 const k=v.box[2]/main.clientWidth,dx=e.clientX-drag[0],dy=e.clientY-drag[1];
 if(!moved&&Math.hypot(dx,dy)<4)return;moved=true;
 v.box[0]-=dx*k;v.box[1]-=dy*k;drag=[e.clientX,e.clientY];draw();});
addEventListener('pointerup',()=>{drag=null;});
main.addEventListener('click',e=>{if(moved)return;const n=e.target.closest('.n');
 details(n?Number(n.dataset.node):null);});
main.addEventListener('dblclick',e=>{const n=e.target.closest('.n');if(!n)return;
 const nested=graphs[current].nodes[Number(n.dataset.node)].nested;if(nested!==null)open(nested);});
main.addEventListener('keydown',e=>{const n=e.target.closest('.n');
 if(n&&(e.key==='Enter'||e.key===' ')){e.preventDefault();details(Number(n.dataset.node));}});
main.addEventListener('wheel',e=>{e.preventDefault();
 zoom(Math.exp(e.deltaY*.0012),e.clientX,e.clientY);},{passive:false});
document.getElementById('plus').onclick=()=>zoom(.8);
document.getElementById('minus').onclick=()=>zoom(1.25);
document.getElementById('fit').onclick=fit;
addEventListener('resize',fit);
open(0);
"""


def page(graph: Graph) -> str:
    """Return a page that stands alone: its only script is its own, and it may load nothing."""
    graphs = list(_flat(graph))
    numbers = {id(inner): number for number, (inner, _) in enumerate(graphs)}
    data = [
        {
            "title": clean(inner.title),
            "note": _note(inner),
            "parent": None if parent is None else numbers[id(parent)],
            "nodes": [
                {
                    "label": clean(node.label),
                    "kind": node.kind,
                    "subtitle": clean(node.subtitle),
                    "badges": node.badges,
                    "status": node.status,
                    "timing": node.timing,
                    "details": node.details,
                    "nested": None if node.nested is None else numbers[id(node.nested)],
                }
                for node in inner.nodes
            ],
        }
        for inner, parent in graphs
    ]
    sections = "".join(
        f'<section class="fairwf"{" hidden" if number else ""}>'
        f"{svg(inner, embedded=True)}</section>"
        for number, (inner, _) in enumerate(graphs)
    )
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(clean(graph.title))}</title><style>{STYLE}{_PAGE_STYLE}</style></head>"
        '<body class="fairwf"><header><h1 id="trail"></h1><p id="note"></p><nav>'
        '<button id="minus" aria-label="zoom out">&minus;</button>'
        '<button id="plus" aria-label="zoom in">+</button><button id="fit">Fit</button></nav>'
        f"</header><main>{sections}</main><aside></aside>"
        f'<script type="application/json" id="graphs">{_json(data)}</script>'
        f"<script>{_SCRIPT}</script></body></html>\n"
    )


def _flat(graph: Graph, parent: Graph | None = None) -> Iterator[tuple[Graph, Graph | None]]:
    yield graph, parent
    for node in graph.nodes:
        if node.nested is not None:
            yield from _flat(node.nested, graph)


def _note(graph: Graph) -> str:
    counts = counts_text(dict(graph.statuses)) if graph.statuses else ""
    return clean(" · ".join(part for part in (" ".join(graph.note.split())[:200], counts) if part))


def _json(data: list[dict[str, Any]]) -> str:
    """Return JSON that cannot end the script element that it stands in."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
