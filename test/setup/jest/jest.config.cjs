module.exports = {
  setupFiles: ['@portvakt/mock/setup'],
  testMatch: ['**/*.case.cjs'],
  moduleFileExtensions: ['cjs', 'js'],
}
