/**
 * The transformer of the Jest preset. Jest's `require` does not load ES modules unless Node runs with
 * `--experimental-vm-modules`, so this transformer turns the ES modules in node_modules into CommonJS. The
 * project's own files are still transformed by babel-jest with the project's Babel configuration, as they would
 * be without the preset.
 */
'use strict'

const { createRequire } = require('node:module')
const { join } = require('node:path')
const { version } = require('./package.json')

// Every project with Jest has these packages: each is a dependency of the previous one. The mock does not
// depend on them, because most of its users have another test runner.
const TO_BABEL_JEST = ['jest', '@jest/core', 'jest-config', 'babel-jest']
const TO_HELPERS = ['@babel/core', '@babel/helper-module-transforms']

/** The transformers, keyed by the project's folder. */
const transformers = new Map()

function transformersOf(rootDir) {
  const made = transformers.get(rootDir) ?? makeTransformers(rootDir)
  transformers.set(rootDir, made)
  return made
}

function makeTransformers(rootDir) {
  const follow = (path, name) => createRequire(path).resolve(name)
  const babelJest = TO_BABEL_JEST.reduce(follow, join(rootDir, 'package.json'))
  const { createTransformer } = require(babelJest).default
  return {
    own: createTransformer(),
    installed: createTransformer({
      babelrc: false,
      configFile: false,
      // A CommonJS file remains unchanged.
      sourceType: 'unambiguous',
      // The option `version` only changes Jest's cache key with each release.
      plugins: [[toCommonJs(require(TO_HELPERS.reduce(follow, babelJest))), { version }]],
    }),
  }
}

/** Returns a Babel plugin that uses the same helper functions as Babel's own plugin for CommonJS. */
function toCommonJs(helpers) {
  return ({ types, template, caller }) => {
    if (caller((jest) => jest?.supportsStaticESM)) return { visitor: {} }

    /** Returns `require(source)` in the form that an import of this kind expects. */
    function load(program, source, interop) {
      const call = types.callExpression(types.identifier('require'), [source])
      return helpers.wrapInterop(program, call, interop) ?? call
    }

    function importOf(program, source, metadata) {
      const loaded = load(program, types.stringLiteral(source), metadata.interop)
      return helpers.isSideEffectImport(metadata)
        ? types.expressionStatement(loaded)
        : template.statement('var NAME = LOADED')({ NAME: metadata.name, LOADED: loaded })
    }

    return {
      visitor: {
        CallExpression(path) {
          if (!types.isImport(path.node.callee)) return
          const program = path.findParent((parent) => parent.isProgram())
          const loaded = load(program, path.node.arguments[0], 'namespace')
          path.replaceWith(template.expression('Promise.resolve().then(() => LOADED)')({ LOADED: loaded }))
        },
        Program: {
          exit(program) {
            if (!helpers.isModule(program)) return
            for (const name of ['exports', 'module', 'require']) program.scope.rename(name)
            const { meta, headers } = helpers.rewriteModuleStatementsAndPrepareHeader(program, {
              exportName: 'exports',
            })
            for (const [source, metadata] of meta.source) {
              headers.push(
                importOf(program, source, metadata),
                ...helpers.buildNamespaceInitStatements(meta, metadata),
              )
            }
            helpers.ensureStatementsHoisted(headers)
            program.unshiftContainer('body', headers)
          },
        },
      },
    }
  }
}

function transformerOf(path, { config }) {
  const { own, installed } = transformersOf(config.rootDir)
  return /[\\/]node_modules[\\/]/.test(path) ? installed : own
}

module.exports = {
  canInstrument: true,
  getCacheKey: (source, path, options) => transformerOf(path, options).getCacheKey(source, path, options),
  process: (source, path, options) => transformerOf(path, options).process(source, path, options),
}
