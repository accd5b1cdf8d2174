export default { test: { setupFiles: ['@portvakt/mock/setup'], include: ['*.case.mjs'] } }
