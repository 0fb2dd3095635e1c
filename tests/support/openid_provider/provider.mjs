// A real OpenID provider (node-oidc-provider, certified), as a city's staff would sign in at.
// Arguments: port, client id, client secret, redirect address. Any login is accepted and becomes the subject.
import { Provider } from "oidc-provider";

const [port, clientId, clientSecret, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

// Logins of people of whom the provider says something unusual.
const unusual = {
  "nameless": { name: undefined },
  "unreachable": { email: undefined },
  "private-mailbox": { email: "someone@private.example" },
  "unproven": { email_verified: false },
  "one-mailbox": { email: "Shared@habay.example" },
  "same-mailbox": { email: "shared@habay.example" },
  "hostile": { name: "<script>\u202e\u0000", email: "not an address" },
};

const provider = new Provider(issuer, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  claims: { openid: ["sub"], profile: ["name", "locale"], email: ["email", "email_verified"] },
  pkce: { required: () => true },
  async findAccount(_context, id) {
    const known = { sub: id, name: `Staff ${id}`, locale: "nl-BE", email: `${id}@habay.example`, email_verified: true };
    return { accountId: id, claims: async () => ({ ...known, ...unusual[id] }) };
  },
});
provider.listen(Number(port), "127.0.0.1", () => console.log(`listening at ${issuer}`));
