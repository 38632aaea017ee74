/** Charts of a page: drawn in its colours, and again when those or the size change. */
import { connect, type EChartsType, init } from 'echarts/core';
import { dark, light, type Palette } from './palette.js';

export interface Drawing {
  /** The element that it is drawn into; a drawing without one is left out. */
  readonly id: string;
  readonly option: (palette: Palette) => object;
  readonly heightPx?: number;
  /** Drawings of one group share zoom and pointer. */
  readonly group?: string;
}

/** Draws all, keeps them up to date, and gives access to each by its id. */
export function keepDrawn(drawings: readonly Drawing[]): ReadonlyMap<string, EChartsType> {
  const charts = new Map<string, EChartsType>();
  const darkScheme = matchMedia('(prefers-color-scheme: dark)');
  const draw = (palette: Palette) => {
    for (const drawing of drawings) drawOne(drawing, palette, charts);
    for (const { group } of drawings) if (group !== undefined) connect(group);
  };
  const drawAsShown = () => draw(darkScheme.matches ? dark : light);
  const resize = () => {
    for (const chart of charts.values()) chart.resize();
  };
  drawAsShown();
  darkScheme.addEventListener('change', drawAsShown);
  addEventListener('resize', resize);
  // Paper is light, and has a width of its own.
  addEventListener('beforeprint', () => {
    draw(light);
    resize();
  });
  addEventListener('afterprint', () => {
    drawAsShown();
    resize();
  });
  return charts;
}

function drawOne(
  { id, option, heightPx, group }: Drawing,
  palette: Palette,
  charts: Map<string, EChartsType>,
): void {
  const place = document.getElementById(id);
  if (place === null) return;
  if (heightPx !== undefined) place.style.height = `${heightPx}px`;
  const chart = charts.get(id) ?? init(place);
  charts.set(id, chart);
  if (group !== undefined) chart.group = group;
  const common = {
    animation: false,
    aria: { enabled: true },
    useUTC: true,
    textStyle: { fontFamily: 'system-ui, sans-serif' },
  };
  chart.setOption({ ...common, ...option(palette) }, true);
}

/** The data that the page carries for its charts. */
export const pageData = (id: string): string => document.getElementById(id)?.textContent ?? '{}';
