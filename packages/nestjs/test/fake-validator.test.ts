import { Controller, Get, Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { fakeValidator, fakeVerifiedToken } from '@portvakt/mock'
import {
  MASKINPORTEN_VALIDATOR,
  MaskinportenGuard,
  MaskinportenModule,
  MaskinportenToken,
  type MaskinportenValidator,
  RequireMaskinportenScope,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { expect, it } from 'vitest'
import { call, listen, PlainController, READ } from './vedtak-api.js'

@Controller('read')
class ReadController {
  @Get()
  @RequireMaskinportenScope(READ)
  get(@MaskinportenToken() token: VerifiedToken) {
    return token.consumer.organisationNumber
  }
}

@Module({
  // The environment names no issuer, so the application starts only because the validator is overridden.
  imports: [MaskinportenModule.forRoot()],
  controllers: [ReadController, PlainController],
  providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }],
})
class AppModule {}

function start(validator: MaskinportenValidator) {
  const testing = Test.createTestingModule({ imports: [AppModule] })
  return listen(testing.overrideProvider(MASKINPORTEN_VALIDATOR).useValue(validator))
}

it('fakeValidator in place of the validator lets guarded requests pass with its token', async () => {
  const opened = await start(fakeValidator(fakeVerifiedToken({ scope: READ, consumer: '889640782' })))
  expect(await call(opened, '/read')).toMatchObject({ status: 200, body: '889640782' })
  // A handler without a decorator stays closed.
  expect((await call(opened, '/plain')).status).toBe(403)
})

it('fakeValidator in place of the validator refuses requests with its reason', async () => {
  const answer = await call(await start(fakeValidator('insufficient_scope')), '/read')
  expect(answer.status).toBe(403)
  expect(answer.headers['www-authenticate']).toContain(`scope="${READ}"`)
})
