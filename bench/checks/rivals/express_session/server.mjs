// express-session with connect-redis, as their own documentation sets them up for production: the session only, no user
// is looked up. Its fastest form: `disableTouch`, so that a check does not write to the store.
import { randomBytes } from 'node:crypto'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'

const client = createClient({ socket: { path: process.env.VALKEY_SOCKET } })
await client.connect()

const application = express()
application.disable('x-powered-by')
application.disable('etag')
application.use(
  session({
    store: new RedisStore({ client, prefix: 'express:', disableTouch: true }),
    secret: randomBytes(32).toString('hex'),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: 86_400_000 },
  }),
)

application.post('/sign-in', (request, response) => {
  request.session.account = { accountId: 1001, userId: '0'.repeat(31) + '7', customerSet: 'b2c', siteId: 1001 }
  response.sendStatus(204)
})
application.get('/session', (request, response) => {
  const account = request.session.account
  if (account === undefined) response.sendStatus(401)
  else response.json(account)
})
application.get('/', (_request, response) => response.sendStatus(200))
application.listen(Number(process.argv[2]), '127.0.0.1')
