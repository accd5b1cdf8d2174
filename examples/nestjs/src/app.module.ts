import { Controller, Get, Module, Post } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import {
  MaskinportenGuard,
  MaskinportenModule,
  MaskinportenToken,
  RequireMaskinportenScope,
  SkipMaskinporten,
  type VerifiedToken,
} from '@portvakt/nestjs'

@Controller('health')
@SkipMaskinporten()
class HealthController {
  @Get()
  get() {
    return { ok: true }
  }
}

@Controller('vedtak')
@RequireMaskinportenScope('portvakt:vedtak.read')
class VedtakController {
  @Get()
  find(@MaskinportenToken() token: VerifiedToken) {
    return { consumer: token.consumer.organisationNumber }
  }

  @Post()
  @RequireMaskinportenScope({ scope: 'portvakt:vedtak.write', consumers: ['314330897'] })
  decide(@MaskinportenToken() token: VerifiedToken) {
    return { consumer: token.consumer.organisationNumber }
  }
}

/** The global guard refuses requests to handlers without a decorator. */
@Module({
  imports: [MaskinportenModule.forRoot()],
  controllers: [HealthController, VedtakController],
  providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }],
})
export class AppModule {}
