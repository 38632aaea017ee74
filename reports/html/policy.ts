/** The content security policy of every page: nothing may be fetched, sent or framed; the page has all it needs. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
