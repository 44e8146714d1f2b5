// The plain twin of the fleet's workflow of this name: the same activities, the same payloads, nothing around them.
const { proxyActivities } = require('@temporalio/workflow');

const { probe } = proxyActivities({ startToCloseTimeout: '1 minute' });

exports.probeSteps = async function probeSteps({ steps = 3, durationMs = 0 }) {
  const probes = [];
  for (let step = 0; step < steps; step += 1) probes.push(await probe({ durationMs }));
  return { probes };
};
