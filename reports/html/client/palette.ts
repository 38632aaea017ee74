/** Colours of the charts, for light and dark; meaning first: what is broken on purpose is violet, what is lost is red. */

export interface Palette {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly surface: string;
  readonly good: string;
  readonly waiting: string;
  readonly bad: string;
  readonly fault: string;
  readonly faultShade: string;
  readonly steady: string;
  readonly recovery: string;
  readonly density: readonly string[];
}

export const light: Palette = {
  text: '#1c2430',
  faint: '#5b6675',
  line: '#d5dbe3',
  surface: '#ffffff',
  good: '#2f9e63',
  waiting: '#e0a526',
  bad: '#d64545',
  fault: '#7c4dcc',
  faultShade: 'rgba(124, 77, 204, 0.13)',
  steady: '#1f6fb5',
  recovery: '#d9730d',
  density: ['#dbe9f6', '#85b8e0', '#2f7fc1', '#0d3f73'],
};

export const dark: Palette = {
  text: '#e6eaf0',
  faint: '#9aa6b6',
  line: '#3a4452',
  surface: '#161b22',
  good: '#3fbf7f',
  waiting: '#e8b84a',
  bad: '#f06a6a',
  fault: '#a987ee',
  faultShade: 'rgba(169, 135, 238, 0.18)',
  steady: '#5aa9e6',
  recovery: '#f0994a',
  density: ['#1d3146', '#2b5f92', '#5aa9e6', '#d4ebff'],
};
