// A whole Bluesky network on loopback: directory of identities, accounts' server, app server, moderation.
// Tells its addresses in one line of JSON, and ends when its standard input does.
import { createRequire } from 'node:module'

const { TestNetwork } = createRequire(import.meta.url)('@atproto/dev-env')

process.stdin.resume().on('end', () => process.exit(0))
const network = await TestNetwork.create({
  dbPostgresSchema: 'network', // letters only
  pds: { hostname: 'localhost', enableDidDocWithSession: true },
})
console.log(JSON.stringify({ pds: network.pds.url }))
