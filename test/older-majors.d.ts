// Older majors beside the newest: as far as the tests go, the same interfaces.
declare module 'express4' {
  import express from 'express'
  export default express
}
declare module 'koa2' {
  import Koa from 'koa'
  export default Koa
}
