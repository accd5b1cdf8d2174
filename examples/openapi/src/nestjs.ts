import { Controller, Get, HttpCode, type INestApplication, Module, Post } from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger'
import {
  MaskinportenGuard,
  MaskinportenModule,
  MaskinportenToken,
  RequireMaskinportenScope,
  SkipMaskinporten,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { addMaskinportenSecurity } from '@portvakt/nestjs/openapi'
import { READ, WRITE } from './document.js'

@Controller('health')
@SkipMaskinporten()
class HealthController {
  @Get()
  get() {
    return { ok: true }
  }
}

@Controller('vedtak')
@RequireMaskinportenScope(READ)
class VedtakController {
  @Get()
  find(@MaskinportenToken() token: VerifiedToken) {
    return { consumer: token.consumer.organisationNumber }
  }

  @Post()
  @HttpCode(200)
  @RequireMaskinportenScope(WRITE)
  decide(@MaskinportenToken() token: VerifiedToken) {
    return { consumer: token.consumer.organisationNumber }
  }
}

@Module({
  imports: [MaskinportenModule.forRoot()],
  controllers: [HealthController, VedtakController],
  providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }],
})
class AppModule {}

/** An API with its OpenAPI document at `/openapi.json`. The requirements come from the decorators. */
export async function createNestApp(): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
  const config = new DocumentBuilder().setTitle('Vedtak').setOpenAPIVersion('3.1.0').build()
  const document = addMaskinportenSecurity(SwaggerModule.createDocument(app, config), app)
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json' })
  return app
}
