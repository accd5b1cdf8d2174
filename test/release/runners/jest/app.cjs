const { getMaskinportenToken, requireMaskinportenScope } = require('@portvakt/express')
const express = require('express')

// The guard below throws if the set-up file has not set the variables.
const app = express()
app.use(requireMaskinportenScope('nav:helse/sykepenger/afp.read'))
app.get('/vedtak', (req, res) => res.json({ to: getMaskinportenToken(req).consumer.organisationNumber }))

module.exports = { app }
