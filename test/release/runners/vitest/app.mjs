import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import express from 'express'

// The guard below throws if the set-up file has not set the variables.
export const app = express()
app.use(requireMaskinportenScope('nav:helse/sykepenger/afp.read'))
app.get('/vedtak', (req, res) => res.json({ to: getMaskinportenToken(req).consumer.organisationNumber }))
