/** One line of `fleet doctor`. `missing` = the fleet cannot run so; `note` = good to know. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'note' | 'missing';
  readonly detail: string;
  readonly remedy?: string;
}

/** All is well. */
export function ok(name: string, detail: string): Check {
  return { name, state: 'ok', detail };
}

/** Nothing that stops the fleet. */
export function notable(name: string, detail: string, remedy?: string): Check {
  return { name, state: 'note', detail, ...(remedy && { remedy }) };
}

/** The fleet cannot run like this. */
export function missing(name: string, detail: string, remedy: string): Check {
  return { name, state: 'missing', detail, remedy };
}
