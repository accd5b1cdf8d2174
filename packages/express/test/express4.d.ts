// Express 4 beside Express 5: as far as the tests go, the same interface.
declare module 'express4' {
  import express from 'express'
  export default express
}
