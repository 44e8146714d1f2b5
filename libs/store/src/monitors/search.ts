/** Which provider searches for a monitor, and what it is told. The same shape as in the registry's messages: the store may import neither. */
export type MonitorSearch =
  | {
      readonly provider: 'http';
      /** Pages that are read, 1 to 5. */
      readonly urls: readonly string[];
      /** Text that must be on a page for the condition to be met. Default: nothing. */
      readonly contains?: string | undefined;
      /** Text that must be on no page for the condition to be met. Default: nothing. */
      readonly absent?: string | undefined;
    }
  | {
      readonly provider: 'llm';
      /** Pages that the model is given to ground its answer in, 0 to 5. */
      readonly urls?: readonly string[] | undefined;
      /** A model or alias of the catalogue. Default: one is chosen. */
      readonly model?: string | undefined;
    };
