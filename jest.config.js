/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/\\.fleet/'],
  modulePathIgnorePatterns: ['/dist/', '/\\.fleet/'],
  globalSetup: `${__dirname}/tools/check/src/test-services/start.ts`,
  globalTeardown: `${__dirname}/tools/check/src/test-services/stop.ts`,
  testTimeout: 60_000,
  maxWorkers: 2,
  transform: {
    '\\.[jt]sx?$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!(p-limit|yocto-queue|ml-[^/]+|is-any-array)/)'],
};
