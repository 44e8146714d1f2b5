// The plain twin of the fleet's activity of this name. BURN_MS is for the control that must lose.
const burnMs = Number(process.env.BURN_MS ?? 0);

exports.probe = async function probe({ durationMs = 0 }) {
  const startedAt = Date.now();
  for (const until = performance.now() + burnMs; performance.now() < until;);
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  return { startedAt, finishedAt: Date.now(), attempt: 1, pid: process.pid };
};
