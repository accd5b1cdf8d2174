module.exports = { preset: '@portvakt/mock', testMatch: ['**/*.case.cjs'] }
