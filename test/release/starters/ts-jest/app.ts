import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import express from 'express'

export const app = express()
app.use(requireMaskinportenScope('nav:helse/sykepenger/afp.read'))
app.get('/vedtak', (req, res) => {
  res.json({ to: getMaskinportenToken(req).consumer.organisationNumber })
})
