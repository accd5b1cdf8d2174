import { maskinporten } from '@portvakt/mock/setup'
import supertest from 'supertest'
import { expect, it } from 'vitest'
import { app } from './app.mjs'

it('a guarded app accepts a caller with the scope', async () => {
  const token = await maskinporten.issueToken({
    scope: 'nav:helse/sykepenger/afp.read',
    consumer: '889640782',
  })
  const response = await supertest(app).get('/vedtak').set('Authorization', `Bearer ${token}`)
  expect(response.body).toEqual({ to: '889640782' })
})
