import { svgToPng } from '../png';
import { compose } from './composition';
import type { ImageRenderer } from './image-renderer';

/**
 * Draws on this machine, with no key and no network: a landscape that follows from the prompt's hash, so that the same
 * prompt always gives the same picture. It shows that an image travels the whole way; it does not understand the prompt.
 */
export function createLocalRenderer(): ImageRenderer {
  return {
    name: 'local',
    async render(request, signal) {
      signal.throwIfAborted();
      const png = await svgToPng(compose(request));
      signal.throwIfAborted();
      return png;
    },
  };
}
