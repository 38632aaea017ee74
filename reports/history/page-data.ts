/** What the charts of the history's page are drawn from. */
import type { CalendarDay } from './calendar.js';
import type { ScenarioTrend } from './trends.js';

export interface HistoryPageData {
  readonly days: readonly CalendarDay[];
  readonly trends: readonly ScenarioTrend[];
}
